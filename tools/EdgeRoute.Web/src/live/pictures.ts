import { ask, isUp, type Picture, type Refusal } from '../device';

// Moving pictures by asking for the next when one has come: a slow link gets fewer and smaller ones, and none waits in a queue.

const widths = [160, 240, 320, 480, 640, 960, 1280];
/** A picture that takes longer than this is made smaller, one that takes less than a third of it larger, up to what the screen shows. */
const slowMs = 250;
const settleCount = 5;

export interface Pace {
    perSecond: number;
    width: number;
}

/** Shows pictures of a stream until it is told to end. */
export function showPictures(
    stream: string,
    widthShown: () => number,
    show: (picture: Picture, pace: Pace) => Promise<void>,
): () => void {
    let hasEnded = false;
    const pace = new Pacer(widthShown);
    const next = async () => {
        while (!hasEnded) {
            if (document.hidden || !isUp.value) {
                await pause(300);
                continue;
            }
            try {
                const asked = performance.now();
                const picture = await ask<Picture>('picture', { stream, width: pace.width });
                pace.take(performance.now() - asked);
                if (!hasEnded) await show(picture, pace);
            } catch (refusal) {
                await pause((refusal as Refusal).code === 'unavailable' ? 300 : 1000);
            }
        }
    };
    void next();
    return () => {
        hasEnded = true;
    };
}

const pause = (time: number) => new Promise(done => setTimeout(done, time));

class Pacer implements Pace {
    perSecond = 0;
    private at = 2;
    private count = 0;
    private sumMs = 0;
    private arrivals: number[] = [];

    constructor(private readonly widthShown: () => number) {
        this.at = this.fitting();
    }

    get width(): number {
        return widths[Math.min(this.at, this.fitting())];
    }

    take(tookMs: number): void {
        const now = performance.now();
        this.arrivals.push(now);
        this.arrivals = this.arrivals.filter(a => now - a < 2000);
        this.perSecond = this.arrivals.length / Math.max(0.5, Math.min(2, (now - this.arrivals[0]) / 1000 || 0.5));
        this.sumMs += tookMs;
        if (++this.count < settleCount) return;
        const mean = this.sumMs / this.count;
        this.count = this.sumMs = 0;
        if (mean > slowMs) this.at = Math.max(0, Math.min(this.at, this.fitting()) - 1);
        else if (mean < slowMs / 2) this.at = Math.min(this.fitting(), this.at + 1);
    }

    /** The smallest width that fills the place on the screen. */
    private fitting(): number {
        const at = widths.findIndex(w => w >= this.widthShown());
        return at < 0 ? widths.length - 1 : at;
    }
}
