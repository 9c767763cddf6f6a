import { computed, signal } from '@preact/signals';
import type { Answer, Description, DeviceStatus, EventEntry, TrialStatus } from './messages';
import { forgetTraces, takeTraces } from './traces';

// The connection to the device, by way of the tool that serves this page. It is made again by itself, and says what it is.

export interface Link {
    state: 'connecting' | 'up' | 'down' | 'refused' | 'closed';
    text: string;
    device: string;
    role: string;
    place: string;
    version: string;
}

export interface Refusal {
    code: string;
    message: string;
    hint?: string | null;
}

export interface Picture {
    sequence: number;
    answer: Answer;
    jpeg: Blob;
}

const telemetryHz = 2;
const eventsKept = 200;
/** Telemetry comes twice a second; what is older than this says so. */
export const staleMs = 2500;

const noLink: Link = { state: 'connecting', text: '', device: '', role: '', place: '', version: '' };

export const link = signal<Link>(noLink);
export const description = signal<Description | null>(null);
export const status = signal<DeviceStatus | null>(null);
export const events = signal<EventEntry[]>([]);
/** The trial that runs, or the last one this page saw end. */
export const trial = signal<TrialStatus | null>(null);
/** Changes whenever the device has begun to answer anew: what was fetched before may be another's. */
export const connection = signal(0);
export const nowMs = signal(performance.now());
const heardMs = signal(0);

export const isUp = computed(() => link.value.state === 'up');
export const isStale = computed(() => !isUp.value || nowMs.value - heardMs.value > staleMs);
export const staleSeconds = computed(() => (heardMs.value === 0 ? 0 : Math.max(0, nowMs.value - heardMs.value) / 1000));
export const mayChange = computed(() => isUp.value && (link.value.role === 'operator' || link.value.role === 'admin'));

let socket: WebSocket | null = null;
let lastId = 0;
let attempt = 0;
let describedFor = '';
const waiting = new Map<number, { done: (value: unknown) => void; fail: (refusal: Refusal) => void }>();

export function start(): void {
    setInterval(() => {
        nowMs.value = performance.now();
    }, 500);
    open();
}

export function ask<T>(method: string, parameter?: object): Promise<T> {
    return new Promise<T>((done, fail) => {
        if (socket?.readyState !== WebSocket.OPEN) {
            fail({ code: 'unavailable', message: 'there is no connection' } satisfies Refusal);
            return;
        }
        const id = ++lastId;
        waiting.set(id, { done: done as (value: unknown) => void, fail });
        socket.send(JSON.stringify({ id, method, parameter }));
    });
}

export function textOf(refusal: unknown): string {
    const { message, hint } = refusal as Refusal;
    return hint ? `${message}; ${hint}` : message;
}

function open(): void {
    const made = new WebSocket(`ws://${location.host}/device`);
    made.binaryType = 'arraybuffer';
    made.onmessage = message => (typeof message.data === 'string' ? take(JSON.parse(message.data)) : takePicture(message.data));
    made.onclose = () => {
        close();
        setTimeout(open, 1000);
    };
    socket = made;
}

function close(): void {
    link.value = {
        ...link.value,
        state: 'closed',
        text: "'edgeroute ui' has ended. Start it again, and open the address that it prints.",
    };
    failAll('the connection is closed');
}

function failAll(message: string): void {
    for (const { fail } of waiting.values()) fail({ code: 'unavailable', message });
    waiting.clear();
}

function take(message: any): void {
    if (message.event) takeEvent(message.event, message.body);
    else answer(message.id, message);
}

function answer(id: number, message: { result?: unknown; error?: Refusal }): void {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (message.error) asker?.fail(message.error);
    else asker?.done(message.result);
}

function takePicture(data: ArrayBuffer): void {
    const length = new DataView(data).getInt32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    head.result.jpeg = new Blob([new Uint8Array(data, 4 + length)], { type: 'image/jpeg' });
    answer(head.id, head);
}

function takeEvent(name: string, body: any): void {
    switch (name) {
        case 'link':
            takeLink(body);
            break;
        case 'telemetry':
            takeStatus(body.status);
            break;
        case 'trace':
            takeTraces(body);
            break;
        case 'event':
            addEvents([body]);
            break;
        case 'closing':
            link.value = { ...link.value, text: body.text };
            break;
    }
}

function takeLink(body: Partial<Link>): void {
    const before = link.value;
    link.value = { ...before, text: '', ...body } as Link;
    if (body.state === 'up') void begin();
    else failAll('the connection to the device is lost');
}

/** A device that has just begun has other frames, counts its events from 1, and may answer before its engine runs. */
async function begin(): Promise<void> {
    const mine = ++attempt;
    events.value = [];
    forgetTraces();
    try {
        await insist(mine, describe);
        await insist(mine, () => ask('subscribe', { kind: 'telemetry', rate_hz: telemetryHz }));
        await insist(mine, () => ask('subscribe', { kind: 'trace' }));
        await insist(mine, () => ask('subscribe', { kind: 'event' }));
        connection.value = mine;
        addEvents((await ask<{ events: EventEntry[] }>('events.list')).events);
        trial.value = await ask<TrialStatus>('trial.get').catch(() => null);
    } catch (refusal) {
        if (mine === attempt) link.value = { ...link.value, text: textOf(refusal) };
    }
}

/** Asks again as long as the device says that it cannot answer yet, and the connection is the same. */
async function insist(mine: number, asked: () => Promise<unknown>): Promise<void> {
    for (;;) {
        try {
            await asked();
            return;
        } catch (refusal) {
            if (mine !== attempt || !isUp.value || (refusal as Refusal).code !== 'unavailable') throw refusal;
            await new Promise(done => setTimeout(done, 400));
        }
    }
}

async function describe(): Promise<void> {
    description.value = await ask<Description>('describe');
}

function takeStatus(next: DeviceStatus): void {
    status.value = next;
    heardMs.value = nowMs.value = performance.now();
    if (next.trial) trial.value = next.trial;
    else if (trial.value?.state === 'running') void learnOutcome();
    // Streams and packs come and go; the description is asked for again once for each picture of them that it does not fit.
    const shape = next.streams.map(s => `${s.name} ${s.pack} ${s.policy}`).join();
    const known = description.value?.streams.map(s => `${s.name} ${s.pack} ${s.policy}`).join();
    if (shape !== known && shape !== describedFor) {
        describedFor = shape;
        void describe().catch(() => {});
    }
}

/** Telemetry has only trials that run; how one ended is asked for. */
async function learnOutcome(): Promise<void> {
    const over = await ask<TrialStatus>('trial.get').catch(() => null);
    if (over) trial.value = over;
}

function addEvents(added: EventEntry[]): void {
    const known = new Set(events.value.map(e => e.number));
    const all = [...events.value, ...added.filter(e => !known.has(e.number))].sort((a, b) => a.number - b.number);
    events.value = all.slice(-eventsKept);
}
