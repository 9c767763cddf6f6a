import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../app';
import { StreamChoice } from '../choice';
import { pathColour } from '../colours';
import { description } from '../device';
import { useFetched } from '../fetched';
import type { Explanation, StreamDescription } from '../messages';
import { ends, flag, framesOf, traceEpoch } from '../traces';
import { DecisionView } from '../why/decision';
import { Sides, WhatIfForm } from '../why/whatif';
import { figure, ms, percent, short } from '../words';

/** Why one frame went its way: its options, what they were worth and would cost, and what denied them. */
export function WhyPage({ place }: PageProps) {
    const streams = description.value?.streams ?? [];
    const stream = streams.find(s => s.name === place[0]) ?? streams[0];
    if (!stream) return <p class="empty">Waiting for the device to say which sources it has.</p>;
    const wanted = place[1] ?? 'last';
    return (
        <>
            <h2 class="sr">Why</h2>
            <StreamChoice page="why" chosen={stream.name} />
            <div class={`columns why ${place[2] ? 'compared' : ''}`}>
                <div class="stack">
                    <Picks stream={stream} wanted={wanted} />
                </div>
                <Explained key={stream.name + wanted} stream={stream} wanted={wanted} whatIf={place[2] ?? ''} />
            </div>
        </>
    );
}

const hrefOf = (stream: StreamDescription, pick: string | number) => `#why/${encodeURIComponent(stream.name)}/${pick}`;

/** The device remembers its last 512 frames; the list is of those, and stands still until it is asked to go on. */
function Picks({ stream, wanted }: { stream: StreamDescription; wanted: string }) {
    const [frames, setFrames] = useState(() => latest(stream.index));
    const [number, setNumber] = useState('');
    const isEmpty = frames.length === 0;
    useEffect(() => {
        if (isEmpty) return traceEpoch.subscribe(() => setFrames(latest(stream.index)));
    }, [isEmpty, stream.index]);
    const go = (e: Event) => {
        e.preventDefault();
        if (/^\d+$/.test(number.trim())) location.hash = hrefOf(stream, number.trim());
    };
    return (
        <section class="card" aria-labelledby="picks-title">
            <h3 id="picks-title">Frames of {stream.name}</h3>
            <p class="buttons">
                {['last', 'late', 'slowest'].map(p => (
                    <a class="button" key={p} href={hrefOf(stream, p)} aria-current={wanted === p ? 'true' : undefined}>
                        {p}
                    </a>
                ))}
                <button type="button" onClick={() => setFrames(latest(stream.index))}>
                    Newer frames
                </button>
            </p>
            <form class="inline" onSubmit={go}>
                <label>
                    Frame number
                    <input id="frame-number" inputMode="numeric" value={number} onInput={e => setNumber(e.currentTarget.value)} />
                </label>
                <button type="submit">Explain</button>
            </form>
            <div class="scroll" tabIndex={0} role="region" aria-label="Latest frames">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">frame</th>
                            <th scope="col">path</th>
                            <th scope="col">end</th>
                            <th scope="col">latency</th>
                        </tr>
                    </thead>
                    <tbody>
                        {frames.map(f => (
                            <tr
                                key={f.sequence}
                                class={f.flags & flag.late ? 'bad' : ''}
                                aria-current={wanted === String(f.sequence) ? 'true' : undefined}
                            >
                                <th scope="row">
                                    <a href={hrefOf(stream, f.sequence)}>{f.sequence}</a>
                                </th>
                                <td>
                                    <i class="swatch" style={{ background: pathColour(f.node, stream.nodes[f.node]?.path) }} />
                                    {stream.nodes[f.node]?.path ?? 'failed'}
                                </td>
                                <td>
                                    {ends[f.end]}
                                    {f.flags & flag.late ? ', late' : ''}
                                </td>
                                <td>{ms(f.latencyMs)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </section>
    );
}

const latest = (index: number) =>
    framesOf(index)
        .filter(f => f.end !== 5)
        .slice(-60)
        .reverse();

/** @param whatIf Another price or policy, as the address has it; empty: none. */
function Explained({ stream, wanted, whatIf }: { stream: StreamDescription; wanted: string; whatIf: string }) {
    const which = /^\d+$/.test(wanted) ? { sequence: Number(wanted) } : { pick: wanted };
    const { value: frame, problem } = useFetched<Explanation>('explain', { stream: stream.name, ...which });
    if (problem)
        return (
            <section class="card">
                <p class="problem" role="alert">
                    {problem}
                </p>
            </section>
        );
    if (!frame)
        return (
            <section class="card">
                <p class="empty">Asking the device.</p>
            </section>
        );
    return (
        <article class="stack" id="explained" data-frame={frame.frame} aria-label={`Frame ${frame.frame} explained`}>
            <section class="card">
                <h3>
                    Frame {frame.frame}{' '}
                    <small>
                        {frame.path}, {frame.end}
                    </small>
                </h3>
                <p>{frame.answer}</p>
                {frame.fault && <p class="problem">{frame.fault}</p>}
                {frame.notes.map(n => (
                    <p class="hint" key={n}>
                        {n}
                    </p>
                ))}
                <Cost frame={frame} />
            </section>
            {frame.decisions.length > 0 && <WhatIfForm stream={stream} frame={frame} whatIf={whatIf} />}
            {whatIf ? (
                <Sides key={whatIf} stream={stream} frame={frame} whatIf={whatIf} />
            ) : (
                frame.decisions.map((d, i) => <DecisionView key={i} decision={d} />)
            )}
            {frame.decisions.length === 0 && (
                <section class="card">
                    <p class="empty">Nothing was decided on this frame.</p>
                </section>
            )}
            <Signals frame={frame} />
        </article>
    );
}

function Cost({ frame }: { frame: Explanation }) {
    const c = frame.cost;
    const parts = [
        { name: 'waited', ms: c.waited_ms, shade: 'skip' },
        { name: 'signals', ms: c.signals_ms, shade: '4' },
        { name: 'preprocess', ms: c.preprocess_ms, shade: '1' },
        { name: 'stages', ms: c.stages_ms, shade: '0' },
        { name: 'heads', ms: c.heads_ms, shade: '2' },
    ].filter(p => p.ms > 0);
    const whole = Math.max(c.latency_ms, c.deadline_ms ?? 0, 1e-3);
    return (
        <>
            <div class="stacked" role="img" aria-label={parts.map(p => `${p.name} ${ms(p.ms)}`).join(', ')}>
                {parts.map(p => (
                    <i key={p.name} style={{ width: `${(p.ms / whole) * 100}%`, background: `var(--path-${p.shade})` }} />
                ))}
                {c.deadline_ms != null && <b style={{ left: `${(c.deadline_ms / whole) * 100}%` }} />}
            </div>
            <ul class="legend">
                {parts.map(p => (
                    <li key={p.name}>
                        <i style={{ background: `var(--path-${p.shade})` }} />
                        {p.name} {ms(p.ms)}
                    </li>
                ))}
            </ul>
            <p>
                {ms(c.latency_ms)} from capture to answer, {ms(c.device_ms)} of them device time
                {c.deadline_ms != null && `; deadline ${ms(c.deadline_ms)}`}
                {c.late_ms != null && <b class="bad"> late by {ms(c.late_ms)}</b>}.
                {frame.audit && ` Audited: loss ${figure(frame.audit.loss, 3)} against the heaviest path.`}
            </p>
        </>
    );
}

function Signals({ frame }: { frame: Explanation }) {
    if (frame.signals.length === 0) return null;
    return (
        <section class="card">
            <h3>Signals</h3>
            <dl class="signals">
                {frame.signals.map(s => (
                    <div key={s.name}>
                        <dt>
                            {s.name} <b>{short(s.value)}</b>
                        </dt>
                        <dd>
                            {s.words}
                            {s.rank != null && <small> more than {percent(s.rank, 0)} of frames</small>}
                        </dd>
                    </div>
                ))}
            </dl>
        </section>
    );
}
