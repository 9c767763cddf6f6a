import type { Decision, Option } from '../messages';
import { figure, ms, price } from '../words';

interface Props {
    decision: Decision;
    /** The same decision as it was taken, where this is another; what differs is marked. */
    was?: Decision;
    /** Which side of two it is. */
    side?: string;
}

/** One decision: what each option was worth and would cost, and what denied it. */
export function DecisionView({ decision: d, was, side }: Props) {
    return (
        <section class="card decision" aria-label={side && `${side}: at ${d.place}`}>
            <h3>
                At {d.place} <small>by {d.reason.toLowerCase()}</small>
                {side && <span class="side">{side}</span>}
            </h3>
            <p class="hint">
                Price <Changed isSo={was && !isNear(d.price_per_ms, was.price_per_ms)}>{price(d.price_per_ms)}</Changed> per ms
                {d.price_ceiling != null && `, at most ${price(d.price_ceiling)} for the floor`}
                {typeof d.slack_ms === 'number' && `; ${ms(d.slack_ms)} to the deadline`}.
            </p>
            <ul class="options">
                {d.options.map(o => (
                    <OptionView
                        key={o.name}
                        option={o}
                        isWeighed={d.is_weighed}
                        options={d.options}
                        was={was?.options.find(w => w.name === o.name)}
                    />
                ))}
            </ul>
            <ul class="reasons">
                {d.why.map(w => (
                    <li key={w}>{w}</li>
                ))}
            </ul>
            {d.exit_signals.length > 0 && (
                <p class="hint">This exit said: {d.exit_signals.map(s => `${s.name} ${figure(s.value, 3)}`).join(', ')}.</p>
            )}
        </section>
    );
}

interface OptionProps {
    option: Option;
    options: Option[];
    isWeighed: boolean;
    was?: Option;
}

/** Weighed by value: gain is the whole bar, what is paid its hatched end. Else by cost alone. */
function OptionView({ option: o, options, isWeighed, was }: OptionProps) {
    const dearest = Math.max(...options.map(p => p.cost_ms_p95), 1e-3);
    const kept = isWeighed ? Math.max(0, o.value ?? 0) : o.cost_ms / dearest;
    const paid = isWeighed ? Math.max(0, Math.min(o.paid ?? 0, o.gain ?? 0)) : Math.max(0, o.cost_ms_p95 - o.cost_ms) / dearest;
    const isMoved = was !== undefined && was.is_chosen !== o.is_chosen;
    return (
        <li class={`${o.is_chosen ? 'chosen' : ''} ${o.denial ? 'denied' : ''} ${isMoved ? 'moved' : ''}`}>
            <div class="name">
                <b>{o.name}</b>
                {o.is_chosen && <b class="tag">{isMoved ? 'chosen instead' : 'chosen'}</b>}
                {isMoved && !o.is_chosen && <b class="tag warn">no longer chosen</b>}
                {o.denial && <span class="tag warn">denied: {o.denial}</span>}
            </div>
            <div class="bar" aria-hidden="true">
                <i style={{ width: `${kept * 100}%` }} />
                <i class="paid" style={{ width: `${paid * 100}%` }} />
            </div>
            <div class="words">
                {isWeighed ? (
                    <>
                        <Figure name="gain" now={o.gain} was={was && was.gain} />,{' '}
                        <Figure name="costs" now={o.plan_cost_ms ?? o.cost_ms} was={was && (was.plan_cost_ms ?? was.cost_ms)} words={ms} />,{' '}
                        <Figure name="paid" now={o.paid} was={was && was.paid} />, <Figure name="value" now={o.value} was={was && was.value} />
                    </>
                ) : (
                    `costs ${ms(o.cost_ms)}, p95 ${ms(o.cost_ms_p95)}`
                )}
                {!o.is_cost_known && ' (cost not known yet)'}
            </div>
        </li>
    );
}

const thousandth = (value: number | null) => figure(value, 3);

interface FigureProps {
    name: string;
    now: number | null;
    /** Undefined: there is nothing to compare with. */
    was: number | null | undefined;
    words?: (value: number | null) => string;
}

function Figure({ name, now, was, words = thousandth }: FigureProps) {
    const isChanged = was !== undefined && words(now) !== words(was);
    return (
        <>
            {name} <Changed isSo={isChanged}>{words(now)}</Changed>
            {isChanged && was != null && ` (was ${words(was)})`}
        </>
    );
}

function Changed({ isSo, children }: { isSo: boolean | undefined; children: string }) {
    return isSo ? <b class="changed">{children}</b> : <>{children}</>;
}

const isNear = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1e-9);
