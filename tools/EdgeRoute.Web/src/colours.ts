// A colour for a class or a path: steps of the golden ratio around the colour circle keep neighbours far apart, as on the device's
// own pictures.

const goldenRatioFraction = 0.618033988749895;

const saturation = 1,
    lightness = 0.62;

const hueOf = (index: number) => Math.round(((0.09 + Math.max(0, index) * goldenRatioFraction) % 1) * 360);

export function classColour(index: number): string {
    return `hsl(${hueOf(index)} ${saturation * 100}% ${lightness * 100}%)`;
}

/** The same as red, green and blue, 0 to 255, for what writes pixels. */
export function classPixel(index: number): number[] {
    const chroma = saturation * Math.min(lightness, 1 - lightness);
    return [0, 8, 4].map(n => {
        const k = (n + hueOf(index) / 30) % 12;
        return Math.round(255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
    });
}

/** Reading a style costs a layout, so each is read once for each of light and dark. */
const read = new Map<string, string>();

export function themed(name: string): string {
    let colour = read.get(name);
    if (!colour) read.set(name, (colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim()));
    return colour;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => read.clear());

/** Paths by what they cost: their place among the stream's nodes; skips are grey. */
export function pathColour(node: number, path: string | undefined): string {
    if (path === 'previous') return themed('--path-skip');
    return themed(`--path-${node % 6}`);
}
