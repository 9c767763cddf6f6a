import { useEffect, useState } from 'preact/hooks';
import { ask, isUp, textOf } from '../device';
import type { ChangeReply } from '../messages';

export type Settings = Record<string, number | string | null>;

/** Short enough to follow a hand, long enough that a drag is one question. */
const settleMs = 250;

export interface Preview {
    reply: ChangeReply | null;
    problem: string;
    isAsked: boolean;
}

/** What the device itself says would come of a change: the change as a dry run. */
export function usePreview(stream: string, settings: Settings | null): Preview {
    const [preview, setPreview] = useState<Preview>({ reply: null, problem: '', isAsked: false });
    const key = JSON.stringify([stream, settings]);
    useEffect(() => {
        if (!settings || !isUp.value) {
            setPreview({ reply: null, problem: '', isAsked: false });
            return;
        }
        let isOld = false;
        setPreview(before => ({ ...before, isAsked: true }));
        const timer = setTimeout(async () => {
            try {
                const reply = await ask<ChangeReply>('change', { stream, set: settings, dry_run: true });
                if (!isOld) setPreview({ reply, problem: '', isAsked: false });
            } catch (refusal) {
                if (!isOld) setPreview({ reply: null, problem: textOf(refusal), isAsked: false });
            }
        }, settleMs);
        return () => {
            isOld = true;
            clearTimeout(timer);
        };
    }, [key, isUp.value]);
    return preview;
}

export function PreviewView({ preview }: { preview: Preview }) {
    const { reply, problem, isAsked } = preview;
    return (
        <div class={`preview ${isAsked ? 'asked' : ''}`} id="preview" aria-live="polite">
            <h4>The device expects</h4>
            {problem && <p class="problem">{problem}</p>}
            {!problem && !reply && (
                <p class="empty">Move the dial or set a budget to see what would come of it. Nothing is sent before you try it.</p>
            )}
            {reply && reply.differences.length === 0 && <p class="empty">Nothing changes: it stands so already.</p>}
            {reply && reply.differences.length > 0 && (
                <dl class="differences">
                    {reply.differences.map(d => (
                        <div key={d.name}>
                            <dt>{d.name}</dt>
                            <dd>
                                {d.before} → <b>{d.after}</b>
                            </dd>
                        </div>
                    ))}
                </dl>
            )}
            {reply && reply.effects.length > 0 && (
                <ul>
                    {reply.effects.map(e => (
                        <li key={e}>{e}</li>
                    ))}
                </ul>
            )}
        </div>
    );
}
