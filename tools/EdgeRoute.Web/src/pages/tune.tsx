import { useState } from 'preact/hooks';
import type { PageProps } from '../app';
import { StreamChoice } from '../choice';
import { ask, description, isStale, link, mayChange, status, textOf, trial } from '../device';
import { useFetched } from '../fetched';
import type { ChangeReply, Curve, StreamStatus } from '../messages';
import { atDeviceMs, atPrice, spanOf } from '../tune/curve';
import { Frontier, MarkShape, type Mark } from '../tune/frontier';
import { PreviewView, usePreview, type Settings } from '../tune/preview';
import { TrialView } from '../tune/trial';
import { figure, ms, percent, price } from '../words';

/** The dial of one stream: what it costs, what it is worth, and what another place on it would be. */
export function TunePage({ place }: PageProps) {
    const streams = description.value?.streams ?? [];
    const stream = streams.find(s => s.name === place[0]) ?? streams[0];
    if (!stream) return <p class="empty">Waiting for the device to say which sources it has.</p>;
    return (
        <>
            <h2 class="sr">Tune</h2>
            <StreamChoice page="tune" chosen={stream.name} />
            <TuneStream key={stream.name} name={stream.name} />
        </>
    );
}

function TuneStream({ name }: { name: string }) {
    const now = status.value?.streams.find(s => s.name === name);
    const { value: curve, problem } = useFetched<Curve>('curve', { stream: name }, now?.pack);
    const [wanted, setWanted] = useState<Wanted>({ kind: 'price', text: '' });
    const settings = settingsOf(wanted);
    const preview = usePreview(name, settings);
    return (
        <div class="columns">
            <section class="card" aria-labelledby="frontier-title">
                <h3 id="frontier-title">Cost and quality</h3>
                {curve && curve.points.length > 1 ? (
                    <FrontierOf curve={curve} now={now} wanted={wanted} setWanted={setWanted} />
                ) : (
                    <p class="empty">
                        {problem || 'This stream has no calibration, so nothing can be foretold; budgets can be tried all the same.'}
                    </p>
                )}
            </section>
            <div class="stack">
                <TrialView />
                <section class="card" aria-labelledby="dial-title">
                    <h3 id="dial-title">Dial</h3>
                    <Dial curve={curve} now={now} wanted={wanted} setWanted={setWanted} />
                    <PreviewView preview={preview} />
                    <TryForm name={name} settings={settings} isRefused={preview.problem !== ''} />
                </section>
                <Budgets now={now} />
            </div>
        </div>
    );
}

/** What the hand on the dial asks for; an empty text asks for nothing yet. */
interface Wanted {
    kind: string;
    text: string;
}

interface DialProps {
    curve: Curve | null;
    now: StreamStatus | undefined;
    wanted: Wanted;
    setWanted: (w: Wanted) => void;
}

const kinds = [
    { key: 'price', title: 'Price', unit: 'gain per ms' },
    { key: 'budget.device_ms', title: 'Budget: device time of a frame', unit: 'ms' },
    { key: 'budget.latency_ms', title: 'Budget: mean latency', unit: 'ms' },
    { key: 'budget.latency_p99_ms', title: 'Budget: latency p99', unit: 'ms' },
    { key: 'budget.frames_per_second', title: 'Budget: frames a second, at least', unit: '/s' },
    { key: 'budget.quality_loss', title: 'Budget: quality lost', unit: 'points' },
    { key: 'budget.heavy_share', title: 'Budget: share of the heaviest path', unit: '0 to 1' },
    { key: 'budget.watts', title: 'Budget: power of the board', unit: 'W' },
    { key: 'budget.energy_mj', title: 'Budget: energy of a frame', unit: 'mJ' },
    { key: 'floor', title: 'Quality floor', unit: '0 to 1' },
    { key: 'deadline_ms', title: 'Deadline', unit: 'ms' },
];

const unset = 'none';

function settingsOf({ kind, text }: Wanted): Settings | null {
    const typed = text.trim();
    if (typed === '') return null;
    if (typed === unset) return { [kind]: null };
    const value = Number(typed);
    return Number.isFinite(value) ? { [kind]: value } : null;
}

function wantedPoint(curve: Curve, { kind, text }: Wanted) {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) return null;
    if (kind === 'price') return atPrice(curve, value);
    return kind === 'budget.device_ms' ? atDeviceMs(curve, value) : null;
}

function FrontierOf({ curve, now, wanted, setWanted }: DialProps & { curve: Curve }) {
    const marks: Mark[] = [];
    const today = now?.price && atPrice(curve, now.price.in_force);
    const measured = now?.window.device_ms_mean,
        agreement = now?.audit?.agreement_mean;
    if (today) marks.push({ deviceMs: today.device_ms, quality: today.quality, name: 'today, foretold', kind: 'today' });
    if (measured != null && agreement != null)
        marks.push({ deviceMs: measured, quality: agreement, name: 'today, measured', kind: 'measured' });
    const point = wantedPoint(curve, wanted);
    if (point) marks.push({ deviceMs: point.device_ms, quality: point.quality, name: 'wanted', kind: 'wanted' });
    const floor = now?.price?.floor ?? null;
    const span = spanOf(curve.points, p => p.device_ms);
    const drag = (deviceMs: number) =>
        setWanted({
            kind: 'budget.device_ms',
            text: figure(Math.min(span.most, Math.max(span.least, deviceMs)), 2),
        });
    return (
        <>
            <Frontier
                curve={curve}
                marks={marks}
                ceiling={floor === null ? null : (now?.price?.ceiling ?? null)}
                floor={floor}
                onDrag={drag}
            />
            <p class="hint">
                As calibrated on {curve.device || 'an unknown device'} against {curve.teacher || 'labels'}. Drag along the curve, or use
                the dial.
                {measured != null && ` Measured here: ${ms(measured)} a frame${isStale.value ? ', not now' : ''}.`}
            </p>
            <table>
                <caption class="sr">Points of the frontier in words</caption>
                <thead>
                    <tr>
                        <th scope="col">point</th>
                        <th scope="col">device time</th>
                        <th scope="col">quality</th>
                    </tr>
                </thead>
                <tbody>
                    {marks.map(m => (
                        <tr key={m.kind} id={`point-${m.kind}`}>
                            <th scope="row">
                                <svg class="key" viewBox="0 0 20 20" aria-hidden="true">
                                    <MarkShape kind={m.kind} cx={10} cy={10} />
                                </svg>
                                {m.name}
                            </th>
                            <td>{ms(m.deviceMs)}</td>
                            <td>{percent(m.quality)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
            {curve.floors.length > 0 && <Floors curve={curve} />}
        </>
    );
}

function Floors({ curve }: { curve: Curve }) {
    return (
        <details>
            <summary>Certified floors</summary>
            <ul>
                {curve.floors.map(f => (
                    <li key={f.floor}>
                        {percent(f.floor)}: {f.price == null ? f.reason : `up to price ${price(f.price)}`}
                    </li>
                ))}
            </ul>
        </details>
    );
}

function Dial({ curve, now, wanted, setWanted }: DialProps) {
    const kind = kinds.find(k => k.key === wanted.kind)!;
    const slider = sliderOf(curve, now, wanted);
    return (
        <div class="dial">
            <label>
                What to set
                <select value={wanted.kind} onChange={e => setWanted({ kind: e.currentTarget.value, text: '' })}>
                    {kinds.map(k => (
                        <option key={k.key} value={k.key}>
                            {k.title}
                        </option>
                    ))}
                </select>
            </label>
            <label>
                {kind.title} ({kind.unit})
                <input
                    id="wanted"
                    inputMode="decimal"
                    autoComplete="off"
                    value={wanted.text}
                    placeholder={nowOf(now, wanted.kind)}
                    onInput={e => setWanted({ ...wanted, text: e.currentTarget.value })}
                />
            </label>
            {slider && (
                <label>
                    Frugal to accurate
                    <input
                        id="slider"
                        type="range"
                        min="0"
                        max={slider.steps}
                        step="1"
                        value={slider.at}
                        aria-valuetext={slider.text}
                        onInput={e => setWanted({ ...wanted, text: slider.textAt(Number(e.currentTarget.value)) })}
                    />
                </label>
            )}
            <p class="buttons">
                <button type="button" onClick={() => setWanted({ ...wanted, text: unset })}>
                    None
                </button>
                <button type="button" onClick={() => setWanted({ ...wanted, text: '' })}>
                    Clear
                </button>
            </p>
        </div>
    );
}

function nowOf(now: StreamStatus | undefined, kind: string): string {
    if (kind === 'price')
        return now?.price?.dial != null
            ? `now ${price(now.price.dial)}`
            : now?.price
              ? `in force ${price(now.price.in_force)}`
              : 'none';
    if (kind === 'floor') return now?.price?.floor != null ? `now ${figure(now.price.floor, 3)}` : 'none';
    if (kind === 'deadline_ms') return now?.deadline_ms != null ? `now ${figure(now.deadline_ms, 0)}` : 'none';
    const budget = now?.price?.budgets.find(b => 'budget.' + b.name === kind);
    return budget ? `now ${figure(budget.target, 2)}` : 'none';
}

interface Slider {
    steps: number;
    at: number;
    text: string;
    textAt: (step: number) => string;
}

/** Over the points of the curve, so that every step is one that can be held: right is accurate, and dear. */
function sliderOf(curve: Curve | null, now: StreamStatus | undefined, wanted: Wanted): Slider | null {
    if (!curve || curve.points.length < 2 || !['price', 'budget.device_ms'].includes(wanted.kind)) return null;
    const points = [...curve.points].sort((a, b) => b.price - a.price);
    const current = wantedPoint(curve, wanted) ?? (now?.price ? atPrice(curve, now.price.in_force) : null);
    const near = (value: number) =>
        points.reduce((best, p, i) => (Math.abs(p.price - value) < Math.abs(points[best].price - value) ? i : best), 0);
    const at = current ? near(current.price) : 0;
    const isPrice = wanted.kind === 'price';
    return {
        steps: points.length - 1,
        at,
        text: `${ms(points[at].device_ms)} a frame, quality ${percent(points[at].quality)}`,
        textAt: step => (isPrice ? points[step].price.toPrecision(4) : figure(points[step].device_ms, 2)),
    };
}

function TryForm({ name, settings, isRefused }: { name: string; settings: Settings | null; isRefused: boolean }) {
    const [seconds, setSeconds] = useState('30');
    const [p99, setP99] = useState('');
    const [late, setLate] = useState('');
    const [confirms, setConfirms] = useState(false);
    const [said, setSaid] = useState({ text: '', isBad: false });
    const isReady = settings !== null && !isRefused && mayChange.value;
    const send = async (isTrial: boolean) => {
        setSaid({ text: '', isBad: false });
        const number = (text: string) => (text.trim() === '' ? undefined : Number(text));
        const terms = isTrial
            ? {
                  trial: {
                      seconds: Number(seconds),
                      latency_ms_p99: number(p99),
                      late_most: number(late),
                      needs_confirmation: confirms,
                  },
              }
            : {};
        try {
            const reply = await ask<ChangeReply>('change', { stream: name, set: settings, reason: 'from the page', ...terms });
            if (reply.trial) trial.value = reply.trial;
            setSaid({ text: reply.trial ? 'On trial.' : `Set; number ${reply.journal} in the journal.`, isBad: false });
        } catch (refusal) {
            setSaid({ text: textOf(refusal), isBad: true });
        }
    };
    return (
        <form
            class="try"
            onSubmit={e => {
                e.preventDefault();
                void send(true);
            }}
        >
            <label>
                Try for, seconds
                <input id="try-seconds" inputMode="decimal" value={seconds} onInput={e => setSeconds(e.currentTarget.value)} />
            </label>
            <label>
                Roll back above p99, ms
                <input inputMode="decimal" value={p99} placeholder="no condition" onInput={e => setP99(e.currentTarget.value)} />
            </label>
            <label>
                Roll back above late frames
                <input
                    id="try-late"
                    inputMode="numeric"
                    value={late}
                    placeholder="no condition"
                    onInput={e => setLate(e.currentTarget.value)}
                />
            </label>
            <label class="check">
                <input id="try-confirm" type="checkbox" checked={confirms} onChange={e => setConfirms(e.currentTarget.checked)} />
                Roll back at the end unless I keep it
            </label>
            <p class="buttons">
                <button type="submit" class="main" id="try" disabled={!isReady}>
                    Try it
                </button>
                <button type="button" id="set" disabled={!isReady} onClick={() => void send(false)}>
                    Set it now
                </button>
            </p>
            {!mayChange.value && link.value.role && (
                <p class="hint">Changes need the role operator and a connection; this laptop is {link.value.role}.</p>
            )}
            <p role="status" class={said.isBad ? 'problem' : 'hint'}>
                {said.text}
            </p>
        </form>
    );
}

function Budgets({ now }: { now: StreamStatus | undefined }) {
    const budgets = now?.price?.budgets ?? [];
    if (!now?.price) return null;
    return (
        <section class="card" aria-labelledby="budgets-title">
            <h3 id="budgets-title">Budgets now</h3>
            {budgets.length === 0 ? (
                <p class="empty">None: the price is the dial alone.</p>
            ) : (
                <table>
                    <thead>
                        <tr>
                            <th scope="col">budget</th>
                            <th scope="col">measured</th>
                            <th scope="col">target</th>
                        </tr>
                    </thead>
                    <tbody>
                        {budgets.map(b => (
                            <tr key={b.name} class={b.is_missed ? 'bad' : ''}>
                                <th scope="row">{b.name}</th>
                                <td>{figure(b.measured, 2)}</td>
                                <td>
                                    {figure(b.target, 2)} {b.unit}
                                    {b.is_missed && ' (missed)'}
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
            {now.price.conflicts.map(c => (
                <p class="problem" key={c}>
                    {c}
                </p>
            ))}
        </section>
    );
}
