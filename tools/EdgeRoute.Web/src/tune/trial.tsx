import { useState } from 'preact/hooks';
import { ask, mayChange, textOf, trial } from '../device';
import { duration } from '../words';

/** The trial that runs, with its conditions; or how the last one ended. */
export function TrialView() {
    const now = trial.value;
    const [problem, setProblem] = useState('');
    if (!now || now.state === '') return null;
    const isRunning = now.state === 'running';
    const end = async (method: string) => {
        setProblem('');
        try {
            trial.value = await ask(method);
        } catch (refusal) {
            setProblem(textOf(refusal));
        }
    };
    const title = {
        running: `On trial: ${duration(Math.ceil(now.seconds_left))} left`,
        kept: 'Kept',
        rolled_back: 'Rolled back',
        '': '',
    }[now.state];
    return (
        <section class={`card trial ${now.state}`} aria-labelledby="trial-title" id="trial">
            <div role="status">
                <h3 id="trial-title">
                    {title}
                    {now.stream && <small>{now.stream}</small>}
                </h3>
            </div>
            {now.conditions.length > 0 && (
                <ul>
                    {now.conditions.map(c => (
                        <li key={c}>{c}</li>
                    ))}
                </ul>
            )}
            {isRunning && (
                <p class="hint">
                    {now.needs_confirmation
                        ? 'Rolled back at the end unless you keep it.'
                        : 'Kept at the end unless a condition breaks. The device sees to it, also when this page is closed.'}
                </p>
            )}
            {isRunning && (
                <p class="buttons">
                    <button type="button" disabled={!mayChange.value} onClick={() => end('trial.keep')}>
                        Keep it now
                    </button>
                    <button type="button" disabled={!mayChange.value} onClick={() => end('trial.cancel')}>
                        Roll back now
                    </button>
                </p>
            )}
            {problem && (
                <p class="problem" role="alert">
                    {problem}
                </p>
            )}
        </section>
    );
}
