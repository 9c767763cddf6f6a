import type { Curve, CurvePoint } from '../messages';
import { ms, percent } from '../words';
import { spanOf, type Span } from './curve';

const width = 640,
    height = 330;
const margin = { left: 62, right: 18, top: 16, bottom: 44 };

export interface Mark {
    deviceMs: number;
    quality: number;
    name: string;
    kind: 'today' | 'measured' | 'wanted';
}

interface Props {
    curve: Curve;
    marks: Mark[];
    /** The highest price that the floor in force, or the one chosen, allows; null where there is no floor. */
    ceiling: number | null;
    floor: number | null;
    onDrag: (deviceMs: number) => void;
}

/** Cost against quality, as the calibration measured them. Dragging along it is dragging the budget of device time. */
export function Frontier({ curve, marks, ceiling, floor, onDrag }: Props) {
    const points = [...curve.points].sort((a, b) => a.device_ms - b.device_ms);
    const shown = [...points, ...marks.map(m => ({ price: 0, device_ms: m.deviceMs, quality: m.quality }))];
    const x = scale(grown(spanOf(shown, p => p.device_ms)), margin.left, width - margin.right);
    const y = scale(grown(spanOf(shown, p => p.quality)), height - margin.bottom, margin.top);
    const line = (of: CurvePoint[]) => of.map((p, i) => `${i ? 'L' : 'M'}${x.at(p.device_ms)} ${y.at(p.quality)}`).join('');
    const certified = ceiling === null ? [] : points.filter(p => p.price <= ceiling);
    const drag = (event: PointerEvent) => {
        const svg = event.currentTarget as SVGSVGElement;
        if (event.type === 'pointerdown') svg.setPointerCapture(event.pointerId);
        if (!(event.buttons & 1)) return;
        const box = svg.getBoundingClientRect();
        onDrag(x.back(((event.clientX - box.left) / box.width) * width));
    };
    const told = marks.map(m => `${m.name} ${ms(m.deviceMs)}, ${percent(m.quality)}`).join('; ');
    return (
        <svg
            class="frontier"
            viewBox={`0 0 ${width} ${height}`}
            role="img"
            onPointerDown={drag}
            onPointerMove={drag}
            aria-label={`Frontier of ${curve.points.length} operating points, device time against quality. ${told}`}
        >
            <Axes x={x} y={y} />
            <path class="curve" d={line(points)} />
            {certified.length > 1 && <path class="certified" d={line(certified)} />}
            {floor !== null && <line class="floor" x1={margin.left} x2={width - margin.right} y1={y.at(floor)} y2={y.at(floor)} />}
            {points.map((p, i) => (
                <circle key={i} class="point" cx={x.at(p.device_ms)} cy={y.at(p.quality)} r="2.5" />
            ))}
            {marks.map(m => (
                <MarkShape key={m.kind} kind={m.kind} cx={x.at(m.deviceMs)} cy={y.at(m.quality)} />
            ))}
        </svg>
    );
}

/** Its shape and colour say which it is; the table beside the frontier has the words. */
export function MarkShape({ kind, cx, cy }: { kind: Mark['kind']; cx: number; cy: number }) {
    return (
        <g class={`mark ${kind}`}>
            {kind === 'measured' ? (
                <rect x={cx - 5} y={cy - 5} width="10" height="10" />
            ) : (
                <circle cx={cx} cy={cy} r={kind === 'wanted' ? 8 : 6} />
            )}
        </g>
    );
}

function Axes({ x, y }: { x: Scale; y: Scale }) {
    return (
        <g class="axes">
            {ticks(x.span).map(t => (
                <g key={t}>
                    <line x1={x.at(t)} x2={x.at(t)} y1={margin.top} y2={height - margin.bottom} />
                    <text x={x.at(t)} y={height - margin.bottom + 16} text-anchor="middle">
                        {short(t)}
                    </text>
                </g>
            ))}
            {ticks(y.span).map(t => (
                <g key={t}>
                    <line x1={margin.left} x2={width - margin.right} y1={y.at(t)} y2={y.at(t)} />
                    <text x={margin.left - 8} y={y.at(t) + 4} text-anchor="end">
                        {short(t * 100)} %
                    </text>
                </g>
            ))}
            <text x={(margin.left + width - margin.right) / 2} y={height - 8} text-anchor="middle">
                device time of a frame, ms
            </text>
            <text
                class="title-y"
                transform={`translate(14 ${(height - margin.bottom + margin.top) / 2}) rotate(-90)`}
                text-anchor="middle"
            >
                quality
            </text>
        </g>
    );
}

interface Scale {
    span: Span;
    at: (value: number) => number;
    back: (place: number) => number;
}

function scale(span: Span, from: number, to: number): Scale {
    const size = span.most - span.least || 1;
    return {
        span,
        at: v => from + ((v - span.least) / size) * (to - from),
        back: p => span.least + ((p - from) / (to - from)) * size,
    };
}

function grown(span: Span): Span {
    const room = (span.most - span.least) * 0.08 || 0.01;
    return { least: span.least - room, most: span.most + room };
}

/** About five round figures inside a span. */
function ticks({ least, most }: Span): number[] {
    const raw = (most - least) / 5,
        power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw) ?? power * 10;
    const all: number[] = [];
    for (let t = Math.ceil(least / step) * step; t <= most; t += step) all.push(t);
    return all;
}

const short = (value: number) => String(Number(value.toFixed(2)) || 0);
