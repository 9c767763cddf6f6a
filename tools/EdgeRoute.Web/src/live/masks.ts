import type { Mask } from '../messages';

// Masks come as COCO writes run lengths: down each column from the left, what is not and what is set in turn, each run (from the fourth
// on its difference from the last of its kind) in characters of five bits. They are looked at in a grid, so that a mask of a large
// frame is drawn as fast as one of a small.

/** Cells along the longer side: the device's own masks have as many over an object. */
const cellsMost = 256;
const firstCharacter = 48;

/** Run lengths; null where the text is no mask of such a size. */
export function runsOf(mask: Mask): number[] | null {
    const [height, width] = mask.size;
    const runs: number[] = [];
    let at = 0,
        sum = 0;
    while (at < mask.counts.length) {
        let value = 0,
            shift = 0,
            bits: number;
        do {
            bits = mask.counts.charCodeAt(at++) - firstCharacter;
            if (!(bits >= 0 && bits < 64) || shift > 25) return null;
            value |= (bits & 31) << shift;
            shift += 5;
        } while (bits & 32);
        if (bits & 16 && shift < 32) value |= -1 << shift;
        const run = runs.length > 2 ? value + runs[runs.length - 2] : value;
        sum += run;
        if (run < 0 || sum > height * width) return null;
        runs.push(run);
    }
    return sum === height * width ? runs : null;
}

/** What all masks of a picture leave of it, as pixels to be drawn over it at any size. */
export class MaskLayer {
    private readonly canvas = document.createElement('canvas');

    /** @param colours One of each mask, red, green and blue. */
    draw(context: CanvasRenderingContext2D, masks: Mask[], colours: number[][], width: number, height: number): void {
        if (masks.length === 0) return;
        const [rows, columns] = masks[0].size;
        const step = Math.max(1, Math.ceil(Math.max(rows, columns) / cellsMost));
        this.canvas.width = Math.ceil(columns / step);
        this.canvas.height = Math.ceil(rows / step);
        const inner = this.canvas.getContext('2d')!;
        const image = inner.createImageData(this.canvas.width, this.canvas.height);
        masks.forEach((m, i) => {
            if (m.size[0] === rows && m.size[1] === columns) fill(image, m, step, colours[i]);
        });
        inner.putImageData(image, 0, 0);
        context.drawImage(this.canvas, 0, 0, width, height);
    }
}

function fill(image: ImageData, mask: Mask, step: number, [red, green, blue]: number[]): void {
    const rows = mask.size[0];
    const middle = step >> 1;
    let from = 0;
    (runsOf(mask) ?? []).forEach((run, i) => {
        const to = from + run;
        if (i % 2 === 1) {
            for (let column = Math.floor(from / rows); column * rows < to; column++) {
                if (column % step !== middle) continue;
                const top = Math.max(0, from - column * rows),
                    bottom = Math.min(rows, to - column * rows);
                for (let row = Math.ceil((top - middle) / step); row * step + middle < bottom; row++) {
                    const place = 4 * (row * image.width + Math.floor(column / step));
                    image.data[place] = red;
                    image.data[place + 1] = green;
                    image.data[place + 2] = blue;
                    image.data[place + 3] = 110;
                }
            }
        }
        from = to;
    });
}
