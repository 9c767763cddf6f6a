import { description, events, isStale, status } from '../device';
import { timeOf } from '../words';
import { Tile } from '../live/tile';
import type { PageProps } from '../app';

/** What the device sees now, and which paths it takes. */
export function LivePage(_: PageProps) {
    const streams = description.value?.streams ?? [];
    return (
        <>
            <h2 class="sr">Live</h2>
            {streams.length === 0 && <p class="empty">Waiting for the device to say which sources it has.</p>}
            <div class={`tiles ${streams.length === 1 ? 'single' : ''}`}>
                {streams.map(s => (
                    <Tile
                        key={s.index}
                        stream={s}
                        status={status.value?.streams.find(t => t.name === s.name)}
                        isStale={isStale.value}
                    />
                ))}
            </div>
            <Events />
        </>
    );
}

function Events() {
    const latest = [...events.value].reverse();
    return (
        <section class="card" aria-labelledby="events-title">
            <h3 id="events-title">Events</h3>
            {latest.length === 0 ? (
                <p class="empty">Nothing has happened that is worth a line.</p>
            ) : (
                <ol class="events" tabIndex={0} aria-label="Events, latest first">
                    {latest.map(e => (
                        <li key={e.number} class={e.level}>
                            <time>{timeOf(e.utc_ns)}</time>
                            <span>
                                {e.level === 'warning' && <b>warning </b>}
                                {e.stream && <b>{e.stream} </b>}
                                {e.text}
                            </span>
                        </li>
                    ))}
                </ol>
            )}
        </section>
    );
}
