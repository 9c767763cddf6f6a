import type { Curve, CurvePoint } from '../messages';

// What the calibration says would come of a price or a budget, before anything is sent.

/** Between two points of the curve, on the line between them; beyond its ends, the end. */
export function atPrice(curve: Curve, price: number): CurvePoint | null {
    const points = curve.points;
    if (points.length === 0) return null;
    const above = points.findIndex(p => p.price >= price);
    if (above < 0) return points[points.length - 1];
    if (above === 0) return points[0];
    const low = points[above - 1],
        high = points[above];
    const share = high.price > low.price ? (price - low.price) / (high.price - low.price) : 1;
    return {
        price,
        device_ms: low.device_ms + share * (high.device_ms - low.device_ms),
        quality: low.quality + share * (high.quality - low.quality),
    };
}

/** The lowest price whose device time is at most so much; the last point where none is. */
export function atDeviceMs(curve: Curve, deviceMs: number): CurvePoint | null {
    return curve.points.find(p => p.device_ms <= deviceMs) ?? curve.points[curve.points.length - 1] ?? null;
}

export interface Span {
    least: number;
    most: number;
}

export function spanOf(points: CurvePoint[], of: (p: CurvePoint) => number): Span {
    const values = points.map(of).filter(Number.isFinite);
    return values.length === 0 ? { least: 0, most: 1 } : { least: Math.min(...values), most: Math.max(...values) };
}
