// Figures as text. A figure that does not exist is a dash.

const none = '–';

export function figure(value: number | null | undefined, digits = 1, unit = ''): string {
    if (value === null || value === undefined || !Number.isFinite(value)) return none;
    return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }) + unit;
}

export const ms = (value: number | null | undefined) =>
    figure(value, value !== null && value !== undefined && value >= 100 ? 0 : 1, ' ms');

export const percent = (value: number | null | undefined, digits = 1) =>
    figure(value === null || value === undefined ? value : value * 100, digits, ' %');

/** Three digits that count, whatever the size. */
export function short(value: number | null | undefined): string {
    if (value === null || value === undefined || !Number.isFinite(value)) return none;
    return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}

export const price = short;

export function bytes(value: number | null | undefined): string {
    if (value === null || value === undefined) return none;
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let at = 0;
    for (; value >= 1024 && at < units.length - 1; at++) value /= 1024;
    return figure(value, at === 0 ? 0 : 1, ' ' + units[at]);
}

export function duration(seconds: number): string {
    const s = Math.floor(seconds);
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
    return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

export const timeOf = (utcNs: number) => new Date(utcNs / 1e6).toLocaleTimeString('en-GB');

export const dateOf = (utcNs: number) => new Date(utcNs / 1e6).toLocaleString('en-GB');
