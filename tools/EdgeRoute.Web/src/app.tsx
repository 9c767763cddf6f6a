import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { isStale, link, staleSeconds, status } from './device';
import { DevicePage } from './pages/device';
import { LivePage } from './pages/live';
import { RecordPage } from './pages/record';
import { TunePage } from './pages/tune';
import { WhyPage } from './pages/why';
import { figure } from './words';

const pages = [
    { name: 'live', title: 'Live', page: LivePage },
    { name: 'tune', title: 'Tune', page: TunePage },
    { name: 'why', title: 'Why', page: WhyPage },
    { name: 'record', title: 'Record', page: RecordPage },
    { name: 'device', title: 'Device', page: DevicePage },
] as const;

/** The page and what of it: #why/front/412. */
const place = signal(location.hash.slice(1).split('/').map(decodeURIComponent));
addEventListener('hashchange', () => {
    place.value = location.hash.slice(1).split('/').map(decodeURIComponent);
});

export function App() {
    const [name, ...rest] = place.value;
    const current = pages.find(p => p.name === name) ?? pages[0];
    const Page = current.page;
    useEffect(() => {
        document.title = `${current.title} · ${link.value.device || 'EdgeRoute'}`;
    }, [current.title, link.value.device]);
    useEffect(() => {
        addEventListener('keydown', jump);
        return () => removeEventListener('keydown', jump);
    }, []);
    return (
        <>
            <a class="skip" href="#content" onClick={toContent}>
                To the content
            </a>
            <header>
                <h1>
                    <img src="/mark.svg" alt="" width="22" height="22" />
                    {link.value.device || 'EdgeRoute'}
                </h1>
                <nav aria-label="Pages">
                    {pages.map((p, i) => (
                        <a key={p.name} href={`#${p.name}`} aria-current={p === current ? 'page' : undefined} title={`key ${i + 1}`}>
                            {p.title}
                        </a>
                    ))}
                </nav>
                <LinkState />
            </header>
            <Banner />
            <main id="content" tabIndex={-1}>
                <Page place={rest} />
            </main>
        </>
    );
}

export interface PageProps {
    place: string[];
}

function toContent(click: Event): void {
    click.preventDefault();
    document.getElementById('content')?.focus();
}

/** Keys 1 to 5 choose a page, except where something is typed. */
function jump(key: KeyboardEvent): void {
    const target = key.target as HTMLElement;
    if (key.ctrlKey || key.metaKey || key.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
    const page = pages[Number(key.key) - 1];
    if (page) location.hash = page.name;
}

function LinkState() {
    const { state, role } = link.value;
    const board = status.value?.board;
    const words = { connecting: 'connecting', up: 'live', down: 'lost', refused: 'refused', closed: 'ended' }[state];
    const isLate = state === 'up' && isStale.value && status.value;
    return (
        <p class="link">
            {board?.watts != null && <span>{figure(board.watts, 1, ' W')}</span>}
            {board?.hottest_celsius != null && <span>{figure(board.hottest_celsius, 0, ' °C')}</span>}
            {role && <span class="role">{role}</span>}
            <span class={`dot ${state === 'up' && !isLate ? 'good' : 'bad'}`} id="link-state">
                {isLate ? 'silent' : words}
            </span>
        </p>
    );
}

/** What is wrong with the connection, and how old what is shown has become. */
function Banner() {
    const { state, text } = link.value;
    const isQuiet = state === 'up' && !isStale.value;
    const isBeginning = state === 'connecting' || (state === 'up' && !status.value);
    const age = status.value && isStale.value ? ` What is shown is ${figure(staleSeconds.value, 0)} s old.` : '';
    const words = {
        connecting: '',
        up: 'The device is silent.',
        down: `${text}. Connecting again by itself.`,
        refused: `${text}. Reload to try again.`,
        closed: text,
    }[state];
    return (
        <div role="status" class={isQuiet || isBeginning ? 'banner quiet' : 'banner'} id="banner">
            {isQuiet || isBeginning ? text : words + age}
        </div>
    );
}
