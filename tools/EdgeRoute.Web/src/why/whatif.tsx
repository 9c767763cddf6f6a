import { useEffect, useRef, useState } from 'preact/hooks';
import { useFetched } from '../fetched';
import type { Decision, Explanation, StreamDescription, WhatIf } from '../messages';
import { figure, ms, price } from '../words';
import { DecisionView } from './decision';

// A frame as it was decided beside another price or policy. What is asked stands in the address: price=0.02, or policy=fixed:light.

interface Asked {
    policy?: string;
    price?: number;
}

/** Null: the address asks for neither. */
function askedOf(whatIf: string): Asked | null {
    const [, kind, value] = /^(price|policy)=(.+)$/.exec(whatIf) ?? [];
    if (kind === 'policy') return { policy: value };
    return kind === 'price' && Number(value) >= 0 ? { price: Number(value) } : null;
}

interface Props {
    stream: StreamDescription;
    frame: Explanation;
    whatIf: string;
}

/** Set while the page goes to what was just asked: a form that is made anew then has the focus that the old one had. */
let isAsking = false;

export function WhatIfForm({ stream, frame, whatIf }: Props) {
    const asked = askedOf(whatIf);
    const inForce = frame.decisions[0].price_per_ms;
    const [policy, setPolicy] = useState(asked?.policy ?? 'value');
    const [wanted, setWanted] = useState(asked?.price !== undefined ? String(asked.price) : '');
    const button = useRef<HTMLButtonElement>(null);
    useEffect(() => {
        if (isAsking) button.current?.focus();
        isAsking = false;
    }, []);
    useEffect(() => {
        if (!asked) return;
        setPolicy(asked.policy ?? 'value');
        if (asked.price !== undefined) setWanted(String(asked.price));
    }, [whatIf]);
    const place = `#why/${encodeURIComponent(stream.name)}/${frame.frame}`;
    const isPriced = policy === 'value';
    const isReady = !isPriced || (wanted.trim() !== '' && Number(wanted) >= 0);
    const go = (e: Event) => {
        e.preventDefault();
        if (!isReady) return;
        isAsking = location.hash.split('/')[2] !== String(frame.frame);
        location.hash = `${place}/${encodeURIComponent(isPriced ? `price=${Number(wanted)}` : `policy=${policy}`)}`;
    };
    const paths = stream.nodes.slice(1).map(n => n.path);
    return (
        <section class="card" aria-labelledby="whatif-title">
            <h3 id="whatif-title">What if</h3>
            <form class="whatif" onSubmit={go}>
                <label>
                    Policy
                    <select id="whatif-policy" value={policy} onChange={e => setPolicy(e.currentTarget.value)}>
                        <option value="value">value, at a price</option>
                        <option value="cascade">cascade</option>
                        {paths
                            .filter(p => p !== 'previous')
                            .map(p => (
                                <option key={p} value={`fixed:${p}`}>
                                    always {p}
                                </option>
                            ))}
                    </select>
                </label>
                <label>
                    Price per ms{frame.policy === 'value' && ` (it was ${price(inForce)})`}
                    <input
                        id="whatif-price"
                        inputMode="decimal"
                        placeholder={isPriced ? 'such as 0.02; 0: cost does not matter' : 'not looked at'}
                        value={isPriced ? wanted : ''}
                        disabled={!isPriced}
                        onInput={e => setWanted(e.currentTarget.value)}
                    />
                </label>
                <p class="buttons">
                    <button ref={button} type="submit" class="main" id="whatif-go" disabled={!isReady}>
                        Compare
                    </button>
                    {whatIf && (
                        <a class="button" href={place}>
                            Only as it was
                        </a>
                    )}
                </p>
            </form>
        </section>
    );
}

/** Decisions at the same place lie side by side, on a narrow screen one below the other. */
export function Sides({ stream, frame, whatIf }: Props) {
    const asked = askedOf(whatIf);
    const { value: other, problem } = useFetched<WhatIf>('what_if', { stream: stream.name, sequence: frame.frame, ...asked });
    const places = [...new Set([...frame.decisions, ...(other?.decisions ?? [])].map(d => d.place))];
    return (
        <>
            <section class="card" id="whatif-said" role="status" data-asked={whatIf} data-path={other?.path}>
                {problem && <p class="problem">{problem}</p>}
                {!problem && !other && <p class="empty">Deciding again.</p>}
                {other && <Outcome other={other} />}
            </section>
            {places.map(place => (
                <div class="sides" key={place}>
                    <Side decision={frame.decisions.find(d => d.place === place)} side="as it was" absent="The frame did not come here." />
                    {other && (
                        <Side
                            decision={other.decisions.find(d => d.place === place)}
                            was={frame.decisions.find(d => d.place === place)}
                            side="what if"
                            absent="It would not have come here."
                        />
                    )}
                </div>
            ))}
        </>
    );
}

function Side({ decision, was, side, absent }: { decision?: Decision; was?: Decision; side: string; absent: string }) {
    if (decision) return <DecisionView decision={decision} was={was} side={side} />;
    return (
        <section class="card decision" aria-label={side}>
            <h3>
                <span class="side">{side}</span>
            </h3>
            <p class="empty">{absent}</p>
        </section>
    );
}

function Outcome({ other: o }: { other: WhatIf }) {
    const isSame = o.path === o.recorded_path;
    return (
        <>
            <p>
                With <b>{o.policy}</b> it would have gone {isSame ? 'the same way, ' : ''}
                <b class={isSame ? '' : 'changed'}>{o.path}</b>
                {!isSame && ` instead of ${o.recorded_path}`}.
            </p>
            <dl class="gauges outcome">
                <div>
                    <dt>expected quality</dt>
                    <dd>{both(o.recorded_quality, o.quality, v => figure(v, 3))}</dd>
                </div>
                <div>
                    <dt>predicted device time</dt>
                    <dd>{both(o.recorded_ms, o.ms, ms)}</dd>
                </div>
            </dl>
            {o.is_expected && (
                <p class="hint">
                    The frame never ran that way, so what comes after the last decision shown is what the calibration expects of such frames.
                </p>
            )}
            {o.notes.map(n => (
                <p class="hint" key={n}>
                    {n}
                </p>
            ))}
        </>
    );
}

/** As it was, and as it had been. */
function both(was: number | null, now: number | null, words: (value: number | null) => string) {
    if (words(was) === words(now)) return words(now);
    return (
        <>
            {words(was)} <span aria-hidden="true">→</span>
            <span class="sr"> becomes </span> <b class="changed">{words(now)}</b>
        </>
    );
}
