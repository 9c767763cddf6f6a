import { description } from './device';

/** One of the device's streams, as links that a keyboard reaches. */
export function StreamChoice({ page, chosen }: { page: string; chosen: string }) {
    const streams = description.value?.streams ?? [];
    if (streams.length < 2) return null;
    return (
        <nav class="choice" aria-label="Sources">
            {streams.map(s => (
                <a key={s.name} href={`#${page}/${encodeURIComponent(s.name)}`} aria-current={s.name === chosen ? 'true' : undefined}>
                    {s.name}
                </a>
            ))}
        </nav>
    );
}
