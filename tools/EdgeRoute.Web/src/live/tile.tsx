import { useEffect, useRef, useState } from 'preact/hooks';
import { nowMs, type Picture } from '../device';
import type { Answer, StreamDescription, StreamStatus } from '../messages';
import { figure, ms, percent, price } from '../words';
import { LatencyPlot } from './latency';
import { drawAnswer, nameOf, shareOf } from './overlay';
import { showPictures, type Pace } from './pictures';
import { Strip } from './strip';

interface Props {
    stream: StreamDescription;
    status: StreamStatus | undefined;
    isStale: boolean;
}

/** A picture that is older than this is said to be. */
const pictureStaleMs = 2000;

/** One source: its picture with what was found, the paths it takes, and how it stands. */
export function Tile({ stream, status, isStale }: Props) {
    return (
        <article class="card tile" aria-label={`Source ${stream.name}`}>
            <View stream={stream} />
            <h3>
                {stream.name}
                <small>
                    {stream.pack} · {stream.policy}
                </small>
                {status?.lock && <b class="tag warn">locked: {status.lock}</b>}
                {status?.has_ended && <b class="tag warn">ended</b>}
                {status?.freshness?.is_stale && (
                    <b class="tag warn">nothing looked at for {figure(status.freshness.age_ms / 1000, 1)} s</b>
                )}
            </h3>
            {status && <Figures status={status} isStale={isStale} />}
            <Strip stream={stream} />
            <LatencyPlot stream={stream} deadlineMs={status?.deadline_ms ?? stream.deadline_ms ?? null} />
        </article>
    );
}

function View({ stream }: { stream: StreamDescription }) {
    const picture = useRef<HTMLCanvasElement>(null);
    const overlay = useRef<HTMLCanvasElement>(null);
    const [shown, setShown] = useState<{ answer: Answer; pace: Pace; atMs: number } | null>(null);
    useEffect(
        () =>
            showPictures(
                stream.name,
                () => (picture.current?.clientWidth || 320) * Math.min(2, devicePixelRatio),
                async (next, pace) => {
                    await paint(picture.current, next);
                    if (overlay.current) drawAnswer(overlay.current, next.answer);
                    setShown({ answer: next.answer, pace, atMs: performance.now() });
                },
            ),
        [stream.name],
    );
    const isOld = shown && nowMs.value - shown.atMs > pictureStaleMs;
    return (
        <figure class={`view ${isOld ? 'old' : ''}`}>
            <div class="stage">
                <canvas class="picture" ref={picture} width="640" height="480" role="img" aria-label={`Picture of ${stream.name}`} />
                <canvas class="overlay" ref={overlay} aria-hidden="true" />
                {!shown && <p class="waiting">waiting for a frame</p>}
                {isOld && <p class="waiting">picture is {figure((nowMs.value - shown.atMs) / 1000, 0)} s old</p>}
            </div>
            {shown && (
                <figcaption>
                    <a href={`#why/${encodeURIComponent(stream.name)}/${shown.answer.sequence}`}>frame {shown.answer.sequence}</a>
                    <span>
                        {shown.answer.path}
                        {shown.answer.carried ? ', carried' : ''}
                        {shown.answer.late ? ', late' : ''}
                    </span>
                    <span>{figure(shown.pace.perSecond, 0)} pictures/s</span>
                </figcaption>
            )}
            {shown && <Found answer={shown.answer} />}
        </figure>
    );
}

/** For who does not see the boxes; each with its place on the picture. */
function Found({ answer }: { answer: Answer }) {
    return (
        <ul class="sr" aria-label="Found on the picture" data-sequence={answer.sequence}>
            {answer.detections.map((d, i) => (
                <li key={i} data-box={d.box.join(' ')} data-class={d.class_index}>
                    {nameOf(d)}
                    {d.mask && ', with its mask'}
                </li>
            ))}
            {answer.segments.map(s => (
                <li key={s.class} data-class={s.class_index}>
                    {shareOf(s)} of the picture
                </li>
            ))}
        </ul>
    );
}

async function paint(canvas: HTMLCanvasElement | null, picture: Picture): Promise<void> {
    const bitmap = await createImageBitmap(picture.jpeg);
    if (canvas) {
        if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
            canvas.width = bitmap.width;
            canvas.height = bitmap.height;
        }
        canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
    }
    bitmap.close();
}

function Figures({ status, isStale }: { status: StreamStatus; isStale: boolean }) {
    const w = status.window;
    const lost = status.dropped + status.failed;
    return (
        <dl class={`figures ${isStale ? 'stale' : ''}`}>
            <Figure name="frames/s" value={figure(w.frames_per_second)} />
            <Figure name="latency p50" value={ms(w.latency_ms_p50)} />
            <Figure name="latency p99" value={ms(w.latency_ms_p99)} />
            <Figure name="device time" value={ms(w.device_ms_mean)} />
            {status.price && <Figure name="price" value={price(status.price.in_force)} />}
            {status.audit && <Figure name="agreement" value={percent(status.audit.agreement_mean)} />}
            <Figure name="late" value={figure(status.late, 0)} isBad={status.late > 0} />
            <Figure name="dropped, failed" value={figure(lost, 0)} isBad={status.failed > 0} />
        </dl>
    );
}

function Figure({ name, value, isBad }: { name: string; value: string; isBad?: boolean }) {
    return (
        <div class={isBad ? 'bad' : ''}>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    );
}
