import { signal } from '@preact/signals';

// The last frames of each stream, from brief traces: 64 bytes each, as section 7 of CHANNEL.md lays them out.

export interface Frame {
    sequence: number;
    atMs: number;
    latencyMs: number;
    deviceMs: number;
    source: number;
    node: number;
    end: number;
    flags: number;
    price: number;
    slackMs: number;
}

export const flag = { late: 1, fallback: 4, stale: 16 };
export const ends = ['', 'completed', 'exited', 'escalated', 'skipped', 'dropped', 'failed'];

const recordBytes = 64;
/** A minute at 30 frames per second, for sixteen streams a few megabytes. */
const keptMost = 1800;

const streams = new Map<number, Frame[]>();
let newestMs = 0;

/** Grows whenever frames have come; what draws them looks at it. */
export const traceEpoch = signal(0);
/** Records that were lost on the way to this page. */
export const tracesLost = signal(0);

export function framesOf(source: number): Frame[] {
    return streams.get(source) ?? [];
}

/** When the newest frame of any stream was captured, by the device's clock. */
export function newestCaptureMs(): number {
    return newestMs;
}

export function forgetTraces(): void {
    streams.clear();
    newestMs = 0;
    traceEpoch.value++;
}

export function takeTraces(message: { lost: number; record_bytes: number; records: string }): void {
    tracesLost.value = message.lost;
    if (message.record_bytes !== recordBytes) return;
    const bytes = Uint8Array.from(atob(message.records), c => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) add(read(view, at));
    traceEpoch.value++;
}

function read(view: DataView, at: number): Frame {
    return {
        sequence: Number(view.getBigInt64(at, true)),
        atMs: Number(view.getBigInt64(at + 8, true)) / 1e6,
        latencyMs: view.getUint32(at + 16, true) / 1000,
        deviceMs: view.getUint32(at + 20, true) / 1000,
        source: view.getInt16(at + 28, true),
        node: view.getInt16(at + 30, true),
        end: view.getUint8(at + 32),
        flags: view.getUint16(at + 34, true),
        price: view.getFloat32(at + 44, true),
        slackMs: view.getFloat32(at + 52, true),
    };
}

function add(frame: Frame): void {
    let frames = streams.get(frame.source);
    if (!frames) streams.set(frame.source, (frames = []));
    frames.push(frame);
    if (frames.length > keptMost * 1.25) frames.splice(0, frames.length - keptMost);
    newestMs = Math.max(newestMs, frame.atMs);
}
