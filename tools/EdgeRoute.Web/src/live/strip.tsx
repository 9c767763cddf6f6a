import { useEffect, useRef } from 'preact/hooks';
import { pathColour, themed } from '../colours';
import type { StreamDescription } from '../messages';
import { ends, flag, framesOf, newestCaptureMs, traceEpoch, type Frame } from '../traces';

const seconds = 20;

interface Props {
    stream: StreamDescription;
}

/** A bar for each frame: its path by colour, its device time by height, a mark where it was late. A click asks why. */
export function Strip({ stream }: Props) {
    const canvas = useRef<HTMLCanvasElement>(null);
    useEffect(() => {
        let due = false;
        return traceEpoch.subscribe(() => {
            if (due) return;
            due = true;
            setTimeout(() => {
                due = false;
                if (canvas.current) draw(canvas.current, stream);
            }, 100);
        });
    }, [stream]);
    const ask = (click: MouseEvent) => {
        const frame = canvas.current && frameAt(canvas.current, stream, click.offsetX);
        if (frame) location.hash = `why/${encodeURIComponent(stream.name)}/${frame.sequence}`;
    };
    const nodes = stream.nodes.map((n, i) => ({ path: n.path, colour: pathColour(i, n.path) }));
    const used = new Set(
        framesOf(stream.index)
            .slice(-600)
            .map(f => f.node),
    );
    void traceEpoch.value;
    return (
        <div class="strip">
            <canvas
                ref={canvas}
                onClick={ask}
                role="img"
                aria-label={summary(stream)}
                title="Paths of the last 20 s; a click asks why"
            />
            <ul class="legend" aria-label="Paths">
                {nodes.map(
                    (n, i) =>
                        used.has(i) && (
                            <li key={i}>
                                <i style={{ background: n.colour }} />
                                {n.path}
                            </li>
                        ),
                )}
            </ul>
        </div>
    );
}

function summary(stream: StreamDescription): string {
    const frames = framesOf(stream.index).slice(-300);
    const counts = new Map<string, number>();
    for (const f of frames) {
        const name = stream.nodes[f.node]?.path ?? ends[f.end];
        counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return `Paths of the last ${frames.length} frames: ` + [...counts].map(([n, c]) => `${n} ${c}`).join(', ');
}

function draw(canvas: HTMLCanvasElement, stream: StreamDescription): void {
    const { width, height } = canvas.getBoundingClientRect();
    if (width === 0) return;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    const context = canvas.getContext('2d')!;
    context.scale(devicePixelRatio, devicePixelRatio);
    const to = newestCaptureMs(),
        perMs = width / (seconds * 1000);
    const frames = framesOf(stream.index).filter(f => f.atMs > to - seconds * 1000);
    const most = Math.max(1, ...frames.map(f => f.deviceMs));
    const bar = Math.max(1, Math.min(6, width / Math.max(1, frames.length) - 0.5));
    for (const f of frames) {
        const x = width - (to - f.atMs) * perMs - bar;
        const isLost = f.end >= 5;
        const h = isLost ? height : 4 + ((height - 8) * f.deviceMs) / most;
        context.fillStyle = isLost ? themed('--bad') : pathColour(f.node, stream.nodes[f.node]?.path);
        context.fillRect(x, height - h, bar, h);
        if (f.flags & flag.late) {
            context.fillStyle = themed('--bad');
            context.fillRect(x, 0, Math.max(2, bar), 3);
        }
    }
}

function frameAt(canvas: HTMLCanvasElement, stream: StreamDescription, x: number): Frame | undefined {
    const wanted = newestCaptureMs() - ((canvas.clientWidth - x) / canvas.clientWidth) * seconds * 1000;
    let nearest: Frame | undefined;
    for (const f of framesOf(stream.index)) {
        if (!nearest || Math.abs(f.atMs - wanted) < Math.abs(nearest.atMs - wanted)) nearest = f;
    }
    return nearest;
}
