import { useState } from 'preact/hooks';
import type { PageProps } from '../app';
import { ask, description, isStale, mayChange, status, textOf, trial } from '../device';
import { useFetched } from '../fetched';
import type { BoardStatus, JournalEntry } from '../messages';
import { bytes, dateOf, duration, figure, percent } from '../words';

/** The device itself: board, engines, sources, outputs, config and journal. */
export function DevicePage(_: PageProps) {
    const about = description.value,
        now = status.value;
    return (
        <>
            <h2 class="sr">Device</h2>
            <div class="columns">
                <section class="card" aria-labelledby="board-title">
                    <h3 id="board-title">Board {isStale.value && <small>as it was</small>}</h3>
                    <p>{about?.board}</p>
                    {now && <Board board={now.board} uptime={now.uptime_s} />}
                </section>
                <section class="card" aria-labelledby="engine-title">
                    <h3 id="engine-title">Engine</h3>
                    <dl class="facts">
                        <div>
                            <dt>edgerouted</dt>
                            <dd>{about?.version}</dd>
                        </div>
                        <div>
                            <dt>ONNX Runtime</dt>
                            <dd>{about?.onnxruntime}</dd>
                        </div>
                        {about?.packs.map(p => (
                            <div key={p.name}>
                                <dt>pack {p.name}</dt>
                                <dd>
                                    {p.title} {p.version}, {p.paths.length} paths
                                </dd>
                            </div>
                        ))}
                    </dl>
                </section>
            </div>
            <Sources />
            <Outputs />
            <Journal />
            <Config />
        </>
    );
}

function Board({ board: b, uptime }: { board: BoardStatus; uptime: number }) {
    const used = b.memory_total_bytes && b.memory_available_bytes != null ? 1 - b.memory_available_bytes / b.memory_total_bytes : null;
    return (
        <dl class="gauges">
            <Gauge name="power" text={figure(b.watts, 1, ' W')} />
            <Gauge
                name={`heat${b.hottest_zone ? ` (${b.hottest_zone})` : ''}`}
                text={figure(b.hottest_celsius, 0, ' °C')}
                share={b.hottest_celsius == null ? null : b.hottest_celsius / 100}
            />
            <Gauge name="CPU" text={figure(b.cpu_percent, 0, ' %')} share={b.cpu_percent == null ? null : b.cpu_percent / 100} />
            <Gauge name="GPU" text={figure(b.gpu_percent, 0, ' %')} share={b.gpu_percent == null ? null : b.gpu_percent / 100} />
            <Gauge name="CPU clock" text={figure(b.cpu_megahertz, 0, ' MHz')} />
            <Gauge name="memory" text={used === null ? '–' : percent(used, 0)} share={used} />
            <Gauge name="edgerouted" text={bytes(b.resident_bytes)} />
            <Gauge name="throttled" text={`${b.throttles ?? 0} times`} />
            {b.power_mode && <Gauge name="power mode" text={b.power_mode} />}
            <Gauge name="up" text={duration(uptime)} />
        </dl>
    );
}

function Gauge({ name, text, share }: { name: string; text: string; share?: number | null }) {
    return (
        <div>
            <dt>{name}</dt>
            <dd>
                {text}
                {share != null && (
                    <span class="meter" aria-hidden="true">
                        <i style={{ width: `${Math.min(100, share * 100)}%` }} />
                    </span>
                )}
            </dd>
        </div>
    );
}

function Sources() {
    const [said, setSaid] = useState('');
    const restart = (stream: string) =>
        ask('source.restart', { stream }).then(
            () => setSaid(`${stream} starts again.`),
            r => setSaid(textOf(r)),
        );
    return (
        <section class="card" aria-labelledby="sources-title">
            <h3 id="sources-title">Sources</h3>
            <div class="scroll" tabIndex={0} role="region" aria-label="Sources of the device">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">name</th>
                            <th scope="col">reads</th>
                            <th scope="col">pack</th>
                            <th scope="col">captured</th>
                            <th scope="col">dropped</th>
                            <th scope="col">failed</th>
                            <th scope="col">late</th>
                            <th scope="col">restarts</th>
                            <th scope="col">
                                <span class="sr">action</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {(description.value?.streams ?? []).map(s => {
                            const now = status.value?.streams.find(t => t.name === s.name);
                            return (
                                <tr key={s.name}>
                                    <th scope="row">{s.name}</th>
                                    <td class="path">{s.address}</td>
                                    <td>{s.pack}</td>
                                    <td>{figure(now?.captured, 0)}</td>
                                    <td>{figure(now?.dropped, 0)}</td>
                                    <td>{figure(now?.failed, 0)}</td>
                                    <td>{figure(now?.late, 0)}</td>
                                    <td>{figure(now?.source_restarts, 0)}</td>
                                    <td>
                                        <button type="button" disabled={!mayChange.value} onClick={() => void restart(s.name)}>
                                            Restart<span class="sr"> {s.name}</span>
                                        </button>
                                    </td>
                                </tr>
                            );
                        })}
                    </tbody>
                </table>
            </div>
            <p role="status" class="hint">
                {said}
            </p>
        </section>
    );
}

function Outputs() {
    const outputs = status.value?.outputs ?? [];
    if (outputs.length === 0) return null;
    return (
        <section class="card" aria-labelledby="outputs-title">
            <h3 id="outputs-title">Outputs</h3>
            <div class="scroll" tabIndex={0} role="region" aria-label="Outputs of the device">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">name</th>
                            <th scope="col">kind</th>
                            <th scope="col">told</th>
                            <th scope="col">lost</th>
                        </tr>
                    </thead>
                    <tbody>
                        {outputs.map(o => (
                            <tr key={o.name} class={o.fault ? 'bad' : ''}>
                                <th scope="row">{o.name}</th>
                                <td>{o.kind}</td>
                                <td>{figure(o.told, 0)}</td>
                                <td>
                                    {figure(o.lost, 0)}
                                    {o.fault && `, ${o.fault}`}
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </section>
    );
}

/** Fetched anew with each connection, and whenever a trial has come to another state. */
function Journal() {
    const { value, problem } = useFetched<{ entries: JournalEntry[] }>('journal.list', undefined, trial.value?.state);
    const entries = [...(value?.entries ?? [])].reverse();
    return (
        <section class="card" aria-labelledby="journal-title">
            <h3 id="journal-title">Journal</h3>
            {problem && <p class="problem">{problem}</p>}
            {entries.length === 0 ? (
                <p class="empty">No change has been made.</p>
            ) : (
                <div class="scroll" tabIndex={0} role="region" aria-label="Changes, latest first">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">no.</th>
                                <th scope="col">when</th>
                                <th scope="col">who</th>
                                <th scope="col">what</th>
                                <th scope="col">outcome</th>
                            </tr>
                        </thead>
                        <tbody>
                            {entries.map(e => (
                                <tr key={e.number}>
                                    <th scope="row">{e.number}</th>
                                    <td>{dateOf(e.utc_ns)}</td>
                                    <td>{e.who}</td>
                                    <td>
                                        {e.stream}{' '}
                                        {e.differences.map(d => `${d.name}: ${d.before} → ${d.after}`).join('; ') || e.method}
                                    </td>
                                    <td>{e.outcome}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </section>
    );
}

function Config() {
    const { value: config, problem } = useFetched<{ path: string; text: string; sha256: string }>('config.get');
    return (
        <section class="card" aria-labelledby="config-title">
            <h3 id="config-title">
                Config <small>{config?.path}</small>
            </h3>
            {problem && <p class="problem">{problem}</p>}
            {config && (
                <pre tabIndex={0} aria-label="Text of the config">
                    {config.text}
                </pre>
            )}
            <p class="hint">Changed with 'edgeroute config put', which shows the difference first.</p>
        </section>
    );
}
