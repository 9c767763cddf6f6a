// What the device says, as far as the page reads it: the keys of CHANNEL.md.

export interface PathNode {
    path: string;
    options: { name: string; kind: number; node: number }[];
}

export interface StreamDescription {
    index: number;
    name: string;
    address: string;
    pack: string;
    policy: string;
    task: string;
    is_calibrated: boolean;
    deadline_ms?: number | null;
    labels: string[];
    nodes: PathNode[];
}

export interface PackDescription {
    name: string;
    title: string;
    version: string;
    manifest_path: string;
    paths: string[];
    streams: string[];
}

export interface Description {
    device: string;
    version: string;
    board: string;
    onnxruntime: string;
    config_path: string;
    config_sha256: string;
    streams: StreamDescription[];
    packs: PackDescription[];
    methods: string[];
}

export interface WindowStatus {
    seconds: number;
    frames: number;
    frames_per_second: number | null;
    latency_ms_p50: number | null;
    latency_ms_p95: number | null;
    latency_ms_p99: number | null;
    latency_ms_max: number | null;
    device_ms_mean: number | null;
    energy_millijoules_mean: number | null;
    late: number;
    paths: { path: string; frames: number; share: number }[];
}

export interface BudgetStatus {
    name: string;
    measured: number | null;
    target: number;
    unit: string;
    is_missed: boolean;
}

export interface PriceStatus {
    in_force: number;
    asked: number;
    ceiling?: number | null;
    asked_by?: string;
    dial?: number | null;
    floor?: number | null;
    pace?: number | null;
    budgets: BudgetStatus[];
    conflicts: string[];
}

export interface StreamStatus {
    name: string;
    pack: string;
    policy: string;
    captured: number;
    completed: number;
    exited: number;
    escalated: number;
    skipped: number;
    dropped: number;
    failed: number;
    late: number;
    fallbacks: number;
    source_faults: number;
    source_restarts: number;
    has_ended: boolean;
    deadline_ms?: number | null;
    lock?: string;
    last_fault?: string;
    window: WindowStatus;
    freshness?: { age_ms: number; max_age_ms: number; is_stale: boolean; stale: number };
    price?: PriceStatus;
    audit?: { share: number; audited: number; let_go: number; breaches: number; agreement_mean: number | null };
}

export interface TrialStatus {
    stream: string;
    state: 'running' | 'kept' | 'rolled_back' | '';
    seconds_left: number;
    needs_confirmation: boolean;
    conditions: string[];
    journal: number;
}

export interface BoardStatus {
    watts?: number | null;
    hottest_celsius?: number | null;
    hottest_zone?: string;
    gpu_percent?: number | null;
    cpu_percent?: number | null;
    cpu_megahertz?: number | null;
    power_mode?: string;
    memory_available_bytes?: number;
    memory_total_bytes?: number;
    resident_bytes?: number;
    throttles?: number;
}

export interface RecordingStatus {
    name: string;
    path: string;
    frames: string;
    is_open: boolean;
    file_bytes: number;
    traces: number;
    recorded_frames: number;
    traces_lost: number;
    frames_lost: number;
    seconds_left?: number | null;
}

export interface OutputStatus {
    name: string;
    kind: string;
    told: number;
    lost: number;
    fault?: string;
}

export interface DeviceStatus {
    now_utc_ns: number;
    uptime_s: number;
    trial?: TrialStatus;
    stop?: { causes: { cause: string; reason: string }[] };
    streams: StreamStatus[];
    board: BoardStatus;
    recordings: RecordingStatus[];
    outputs: OutputStatus[];
}

export interface EventEntry {
    number: number;
    utc_ns: number;
    level: string;
    stream: string;
    text: string;
}

export interface Difference {
    name: string;
    before: string;
    after: string;
}

export interface ChangeReply {
    is_applied: boolean;
    differences: Difference[];
    effects: string[];
    journal: number;
    trial?: TrialStatus;
}

export interface JournalEntry {
    number: number;
    utc_ns: number;
    who: string;
    method: string;
    stream: string;
    differences: Difference[];
    outcome: string;
    reason: string;
}

export interface CurvePoint {
    price: number;
    device_ms: number;
    quality: number;
}

export interface Curve {
    stream: string;
    teacher: string;
    device: string;
    points: CurvePoint[];
    floors: { floor: number; price?: number | null; reason: string }[];
}

/** What of the whole frame an object or a class fills: height and width of its cells, and COCO's run lengths. */
export interface Mask {
    size: [number, number];
    counts: string;
}

export interface Detection {
    class: string;
    class_index: number;
    confidence: number;
    box: [number, number, number, number];
    track?: number;
    keypoints?: number[];
    corners?: number[];
    mask?: Mask | null;
}

export interface Answer {
    source: string;
    sequence: number;
    capture_ns: number;
    published_ns: number;
    end: string;
    path: string;
    late: boolean;
    stale: boolean;
    task: string;
    carried: boolean;
    age_ms?: number;
    detections: Detection[];
    classes: { class: string; class_index: number; probability?: number }[];
    segments: { class: string; class_index: number; share?: number; mask?: Mask | null }[];
    text?: string;
    confidence?: number;
    action?: { values: number[]; hold: boolean; step: number; plan_path?: string };
}

export interface Option {
    name: string;
    gain: number | null;
    cost_ms: number;
    cost_ms_p95: number;
    plan_cost_ms: number | null;
    paid: number | null;
    value: number | null;
    denial: string | null;
    is_chosen: boolean;
    is_cost_known: boolean;
}

export interface Decision {
    place: string;
    slack_ms: number | string | null;
    price_per_ms: number;
    asked_price_per_ms: number | null;
    price_ceiling: number | null;
    exit_signals: { name: string; value: number | null }[];
    options: Option[];
    chosen: string;
    reason: string;
    why: string[];
    is_weighed: boolean;
}

/** A frame as another price or policy would have decided it. */
export interface WhatIf {
    policy: string;
    price_per_ms: number | null;
    path: string;
    is_expected: boolean;
    quality: number | null;
    ms: number | null;
    recorded_path: string;
    recorded_quality: number | null;
    recorded_ms: number | null;
    decisions: Decision[];
    notes: string[];
}

export interface Explanation {
    source: string;
    pack: string;
    policy: string;
    frame: number;
    path: string;
    end: string;
    answer: string;
    fault: string | null;
    signals: { name: string; value: number | null; rank: number | null; words: string }[];
    decisions: Decision[];
    cost: {
        waited_ms: number;
        signals_ms: number;
        preprocess_ms: number;
        stages_ms: number;
        heads_ms: number;
        latency_ms: number;
        deadline_ms: number | null;
        late_ms: number | null;
        device_ms: number;
    };
    audit: { loss: number | null; device_ms: number; probability: number } | null;
    notes: string[];
}
