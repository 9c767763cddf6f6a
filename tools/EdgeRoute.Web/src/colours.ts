// A colour for a class or a path: steps of the golden ratio around the colour circle keep neighbours far apart, as on the device's
// own pictures.

const goldenRatioFraction = 0.618033988749895;

export function classColour(index: number): string {
    const hue = (0.09 + Math.max(0, index) * goldenRatioFraction) % 1;
    return `hsl(${Math.round(hue * 360)} 100% 62%)`;
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
