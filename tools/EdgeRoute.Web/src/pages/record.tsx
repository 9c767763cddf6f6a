import { useState } from 'preact/hooks';
import type { PageProps } from '../app';
import { ask, mayChange, status, textOf } from '../device';
import { useFetched } from '../fetched';
import type { RecordingStatus } from '../messages';
import { bytes, duration, figure } from '../words';

/** Recordings of the device: those that run, and those that lie there. */
export function RecordPage(_: PageProps) {
    const [said, setSaid] = useState({ text: '', isBad: false });
    const open = status.value?.recordings ?? [];
    const openNames = open.map(r => r.path).join();
    const { value, problem } = useFetched<{ recordings: RecordingStatus[] }>('record.list', undefined, openNames);
    const act = async (method: string, parameter: object, words: (r: RecordingStatus) => string) => {
        try {
            setSaid({ text: words(await ask<RecordingStatus>(method, parameter)), isBad: false });
        } catch (refusal) {
            setSaid({ text: textOf(refusal), isBad: true });
        }
    };
    const closed = (value?.recordings ?? []).filter(r => !open.some(o => o.path === r.path));
    return (
        <>
            <h2 class="sr">Record</h2>
            <div class="columns">
                <section class="card" aria-labelledby="record-title">
                    <h3 id="record-title">New recording</h3>
                    <StartForm start={p => act('record.start', p, r => `Recording to ${r.path}.`)} />
                    <p role="status" class={said.isBad ? 'problem' : 'hint'} id="record-said">
                        {said.text}
                    </p>
                </section>
                <section class="card" aria-labelledby="running-title">
                    <h3 id="running-title">Running</h3>
                    {open.length === 0 ? (
                        <p class="empty">None.</p>
                    ) : (
                        <ul class="recordings">
                            {open.map(r => (
                                <li key={r.path}>
                                    <b>{r.name}</b>
                                    <span>
                                        {bytes(r.file_bytes)}, {figure(r.traces, 0)} traces, {figure(r.recorded_frames, 0)} pictures
                                    </span>
                                    {r.traces_lost + r.frames_lost > 0 && (
                                        <span class="problem">{r.traces_lost + r.frames_lost} lost</span>
                                    )}
                                    {r.seconds_left != null && <span>{duration(r.seconds_left)} left</span>}
                                    <button
                                        type="button"
                                        disabled={!mayChange.value}
                                        onClick={() =>
                                            act('record.stop', { name: r.name }, s => `Recorded ${s.path}: ${bytes(s.file_bytes)}.`)
                                        }
                                    >
                                        Stop <span class="sr">{r.name}</span>
                                    </button>
                                </li>
                            ))}
                        </ul>
                    )}
                </section>
            </div>
            <section class="card" aria-labelledby="kept-title">
                <h3 id="kept-title">On the device</h3>
                {problem && <p class="problem">{problem}</p>}
                {closed.length === 0 ? (
                    <p class="empty">No recordings that have ended.</p>
                ) : (
                    <div class="scroll" tabIndex={0} role="region" aria-label="Recordings on the device">
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">name</th>
                                    <th scope="col">size</th>
                                    <th scope="col">traces</th>
                                    <th scope="col">pictures</th>
                                    <th scope="col">file</th>
                                </tr>
                            </thead>
                            <tbody>
                                {closed.map(r => (
                                    <tr key={r.path}>
                                        <th scope="row">{r.name}</th>
                                        <td>{bytes(r.file_bytes)}</td>
                                        <td>{figure(r.traces || null, 0)}</td>
                                        <td>{figure(r.recorded_frames || null, 0)}</td>
                                        <td class="path">{r.path}</td>
                                    </tr>
                                ))}
                            </tbody>
                        </table>
                    </div>
                )}
                <p class="hint">Fetched with scp; 'edgeroute replay', 'edgeroute explain' and 'edgeroute export mcap' read them.</p>
            </section>
        </>
    );
}

function StartForm({ start }: { start: (parameter: object) => void }) {
    const [name, setName] = useState('');
    const [frames, setFrames] = useState('none');
    const [seconds, setSeconds] = useState('');
    return (
        <form
            class="try"
            onSubmit={e => {
                e.preventDefault();
                start({ name, frames, seconds: Number(seconds) || 0 });
            }}
        >
            <label>
                Name
                <input
                    id="record-name"
                    value={name}
                    placeholder="made of device and time"
                    onInput={e => setName(e.currentTarget.value)}
                />
            </label>
            <label>
                Pictures
                <select value={frames} onChange={e => setFrames(e.currentTarget.value)}>
                    <option value="none">none, decisions alone</option>
                    <option value="jpeg">as JPEG</option>
                    <option value="raw">as captured</option>
                </select>
            </label>
            <label>
                Ends after, seconds
                <input
                    inputMode="decimal"
                    value={seconds}
                    placeholder="when it is stopped"
                    onInput={e => setSeconds(e.currentTarget.value)}
                />
            </label>
            <p class="buttons">
                <button type="submit" class="main" disabled={!mayChange.value}>
                    Record
                </button>
            </p>
        </form>
    );
}
