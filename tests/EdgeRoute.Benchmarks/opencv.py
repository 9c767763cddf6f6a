#!/usr/bin/python3
"""The other side of the preprocessing benchmark: OpenCV on one thread (Debian: python3-opencv).

opencv.py make DIR             writes the generated frames that both sides read
opencv.py time DIR SECONDS     times cvtColor + blobFromImage per case, prints JSON; writes OpenCV's tensors on the way
opencv.py compare DIR          prints the differences between the tensors of both sides, in grey levels
"""
import json
import os
import sys
import time

import cv2
import numpy as np

MEAN, SCALE, PAD = (123.675, 116.28, 103.53), 1 / 58, 114
FORMATS = ["nv12", "i420", "yuy2", "rgb", "bgr", "gray8"]
SIZES = [(1280, 720, "stretch", 224), (768, 432, "stretch", 352), (768, 432, "letterbox", 416)]
JPEG_QUALITY = 85


def cases():
    return [(f"{f} {w}x{h} {fit} {side}", f, w, h, fit, side) for f in FORMATS for w, h, fit, side in SIZES]


def picture(width, height):
    """A smooth scene with edges and a little noise: what a camera sees, always the same."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rgb = np.stack([127 + 90 * np.sin(x / 97 + c) * np.cos(y / (61 + 9 * c)) for c in range(3)], axis=-1)
    rgb[height // 4:height // 2, width // 5:width // 3] = (200, 60, 40)
    cv2.circle(rgb, (width * 2 // 3, height // 2), height // 5, (30, 160, 220), -1)
    noise = np.random.default_rng(1).normal(0, 4, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


def to_format(rgb, fmt):
    height, width = rgb.shape[:2]
    if fmt == "rgb":
        return rgb
    if fmt == "bgr":
        return rgb[:, :, ::-1]
    if fmt == "gray8":
        return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    i420 = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)
    if fmt == "i420":
        return i420
    luma, chroma = i420[:height], i420[height:].reshape(2, height // 2, width // 2)
    if fmt == "nv12":
        return np.concatenate([luma.ravel(), chroma.transpose(1, 2, 0).ravel()])
    packed = np.empty((height, width // 2, 4), np.uint8)
    packed[:, :, 0::2] = luma.reshape(height, width // 2, 2)
    packed[:, :, 1] = np.repeat(chroma[0], 2, axis=0)
    packed[:, :, 3] = np.repeat(chroma[1], 2, axis=0)
    return packed


def make(folder):
    os.makedirs(folder, exist_ok=True)
    for width, height in {(w, h) for w, h, _, _ in SIZES}:
        rgb = picture(width, height)
        for fmt in FORMATS:
            np.ascontiguousarray(to_format(rgb, fmt)).tofile(os.path.join(folder, f"{width}x{height}.{fmt}"))
        cv2.imwrite(os.path.join(folder, f"{width}x{height}.jpeg"), rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


def load(folder, fmt, width, height):
    raw = np.fromfile(os.path.join(folder, f"{width}x{height}.{fmt}"), np.uint8)
    shape = {"nv12": (height * 3 // 2, width), "i420": (height * 3 // 2, width), "yuy2": (height, width, 2),
             "rgb": (height, width, 3), "bgr": (height, width, 3), "gray8": (height, width)}
    return raw.reshape(shape[fmt])


CONVERT = {"nv12": cv2.COLOR_YUV2RGB_NV12, "i420": cv2.COLOR_YUV2RGB_I420, "yuy2": cv2.COLOR_YUV2RGB_YUY2}


BUFFERS = {}


def buffer(*shape):
    """Reused memory, so that OpenCV does not pay for page faults of fresh arrays."""
    return BUFFERS.setdefault(shape, np.empty(shape, np.uint8))


def to_blob(image, fmt, fit, side):
    """Frame to tensor as one would write it with OpenCV; the channels end up as RGB."""
    if fmt in CONVERT:
        height = image.shape[0] if fmt == "yuy2" else image.shape[0] * 2 // 3
        image = cv2.cvtColor(image, CONVERT[fmt], dst=buffer(height, image.shape[1], 3))
    mean = MEAN[1:2] if fmt == "gray8" else MEAN
    if fit == "letterbox":
        height, width = image.shape[:2]
        width, height = (side, height * side // width) if width >= height else (width * side // height, side)
        depth = image.shape[2:]
        resized = cv2.resize(image, (width, height), dst=buffer(height, width, *depth))
        image = cv2.copyMakeBorder(
            resized, 0, side - height, 0, side - width, cv2.BORDER_CONSTANT, dst=buffer(side, side, *depth), value=(PAD,) * 3)
    return cv2.dnn.blobFromImage(image, SCALE, (side, side), mean, swapRB=fmt == "bgr", crop=False)


def measure(seconds, action):
    for _ in range(3):
        action()
    best, runs, end = [], 0, time.perf_counter() + seconds
    while runs < 20 or time.perf_counter() < end:
        start = time.perf_counter()
        action()
        best.append(time.perf_counter() - start)
        runs += 1
    best.sort()
    return {"min_us": round(best[0] * 1e6, 1), "p50_us": round(best[len(best) // 2] * 1e6, 1), "runs": runs}


def time_all(folder, seconds):
    rows = []
    for name, fmt, width, height, fit, side in cases():
        image = load(folder, fmt, width, height)
        to_blob(image, fmt, fit, side).astype(np.float32).tofile(os.path.join(folder, f"{name} opencv.f32"))
        rows.append({"case": name, "kernel": "opencv", **measure(seconds, lambda: to_blob(image, fmt, fit, side))})
    for width, height, fit, side in SIZES:
        data = np.fromfile(os.path.join(folder, f"{width}x{height}.jpeg"), np.uint8)

        def jpeg():
            return to_blob(cv2.imdecode(data, cv2.IMREAD_COLOR), "bgr", fit, side)

        name = f"jpeg {width}x{height} {fit} {side}"
        jpeg().tofile(os.path.join(folder, f"{name} opencv.f32"))
        rows.append({"case": name, "kernel": "opencv", **measure(seconds, jpeg)})
    print(json.dumps(rows))


def compare(folder):
    for file in sorted(os.listdir(folder)):
        name, _, kernel = file.removesuffix(".f32").rpartition(" ")
        if file.endswith(".f32") and kernel != "opencv":
            ours, theirs = (np.fromfile(os.path.join(folder, f"{name} {k}.f32"), np.float32) for k in (kernel, "opencv"))
            difference = np.abs(ours - theirs) / SCALE
            print(f"{name} {kernel}: mean {difference.mean():.3f}, max {difference.max():.2f} grey levels")


if __name__ == "__main__":
    cv2.setNumThreads(1)
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb == "make":
        make(sys.argv[2])
    elif verb == "time":
        time_all(sys.argv[2], float(sys.argv[3]))
    elif verb == "compare":
        compare(sys.argv[2])
    else:
        sys.exit(__doc__)
