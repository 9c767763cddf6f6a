import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { themed } from '../colours';
import type { StreamDescription } from '../messages';
import { framesOf, newestCaptureMs, traceEpoch } from '../traces';

const seconds = 20;
const height = 110;

interface Props {
    stream: StreamDescription;
    deadlineMs: number | null;
}

/** Latency of each frame over the last seconds, against the deadline. */
export function LatencyPlot({ stream, deadlineMs }: Props) {
    const place = useRef<HTMLDivElement>(null);
    const deadline = useRef(deadlineMs);
    deadline.current = deadlineMs;
    useEffect(() => {
        const plot = new uPlot(optionsOf(place.current!.clientWidth), [[], [], []], place.current!);
        const fit = new ResizeObserver(() => place.current && plot.setSize({ width: place.current.clientWidth, height }));
        fit.observe(place.current!);
        let due = false;
        const stop = traceEpoch.subscribe(() => {
            if (due) return;
            due = true;
            setTimeout(() => {
                due = false;
                if (place.current) plot.setData(dataOf(stream.index, deadline.current));
            }, 250);
        });
        return () => {
            stop();
            fit.disconnect();
            plot.destroy();
        };
    }, [stream.index]);
    return <div class="latency" ref={place} role="img" aria-label={`Latency of ${stream.name} over the last ${seconds} seconds`} />;
}

function dataOf(source: number, deadlineMs: number | null): uPlot.AlignedData {
    const to = newestCaptureMs();
    // Dropped frames were never answered, and have no latency.
    const frames = framesOf(source).filter(f => f.atMs > to - seconds * 1000 && f.end !== 5);
    return [frames.map(f => (f.atMs - to) / 1000), frames.map(f => f.latencyMs), frames.map(() => deadlineMs)];
}

function optionsOf(width: number): uPlot.Options {
    const ink = () => themed('--dim'),
        grid = { stroke: () => themed('--line'), width: 1 };
    return {
        width,
        height,
        legend: { show: false },
        cursor: { show: false },
        padding: [6, 16, 0, 0],
        scales: {
            x: { time: false, range: [-seconds, 0] },
            y: { range: (_, __, most) => [0, Math.max(1, (most ?? 1) * 1.1)] },
        },
        axes: [
            { stroke: ink, grid, size: 26, font: '11px system-ui', values: (_, all) => all.map(v => (v === 0 ? 'now' : `${v} s`)) },
            { stroke: ink, grid, size: 60, font: '11px system-ui', values: (_, all) => all.map(v => `${v} ms`) },
        ],
        series: [
            {},
            { stroke: () => themed('--accent'), width: 1.5, points: { show: false } },
            { stroke: () => themed('--bad'), width: 1.5, dash: [5, 4], points: { show: false } },
        ],
    };
}
