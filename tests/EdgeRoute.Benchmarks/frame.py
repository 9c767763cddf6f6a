"""Whole frame on a fixed path against a bare C program on the same library, the same model and the same frame. Prints a markdown table.

usage: frame.py BENCHMARKS_BINARY RIVAL_BINARY LIBRARY (NAME MODEL MANIFEST FILES PATH SCALE)...
"""
import sys

from interleave import Worker, median, rounds

COUNT, TURNS = 30, 12
WIDTH, HEIGHT = 768, 432


def main():
    ours_binary, rival_binary, library, *cases = sys.argv[1:]
    print("| model | EdgeRoute whole frame, ms | bare C whole frame, ms | ratio | ratio to C session alone | EdgeRoute session to C session |")
    print("|---|---|---|---|---|---|")
    for i in range(0, len(cases), 6):
        name, model, manifest, files, path, scale = cases[i:i + 6]
        ours = Worker("ours", [ours_binary, "frame", library, manifest, files, path, str(WIDTH), str(HEIGHT)])
        rival = Worker("rival", [rival_binary, library, model, "1", str(WIDTH), str(HEIGHT), scale])
        both = rounds([ours, rival], COUNT, TURNS)
        ours.close()
        rival.close()
        a, b = both["ours"], both["rival"]
        whole = median([x[0] / y[0] for x, y in zip(a, b)])
        bare = median([x[0] / y[2] for x, y in zip(a, b)])
        session = median([x[2] / y[2] for x, y in zip(a, b)])
        print(f"| {name} | {min(x[0] for x in a) / 1e6:.2f} | {min(y[0] for y in b) / 1e6:.2f} | **{whole:.3f}** | {bare:.3f} | {session:.3f} |")


main()
