"""Prints the boxes of some frames as lines of JSON, in the names of an answers file: answers.py SOCKET COUNT."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import edgeroute  # noqa: E402


def main(socket, count):
    with edgeroute.connect(unix=socket) as device, device.answers() as answers:
        for _ in range(int(count)):
            answer = answers.next(60)
            boxes = [{"class": d.class_name, "confidence": d.confidence, "box": d.box, "track": d.track} for d in answer.detections]
            print(json.dumps({"sequence": answer.sequence, "detections": boxes}), flush=True)
        if answers.lost:
            raise SystemExit(f"{answers.lost} answers were lost")


if __name__ == "__main__":
    main(*sys.argv[1:])
