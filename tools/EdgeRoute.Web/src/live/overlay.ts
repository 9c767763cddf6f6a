import { classColour, classPixel } from '../colours';
import type { Answer, Detection } from '../messages';
import { MaskLayer } from './masks';

// What was found on a frame, drawn over its picture. Places are fractions of the frame's sides.

const font = '600 12px system-ui, sans-serif';
const textHeight = 18;
const layer = new MaskLayer();

/** The canvas has the pixels of the screen; what is drawn is in its CSS pixels. */
export function drawAnswer(canvas: HTMLCanvasElement, answer: Answer): void {
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d')!;
    context.scale(ratio, ratio);
    context.font = font;
    const masked = [...answer.segments, ...answer.detections].filter(d => d.mask);
    layer.draw(
        context,
        masked.map(d => d.mask!),
        masked.map(d => classPixel(d.class_index)),
        width,
        height,
    );
    for (const detection of answer.detections) drawDetection(context, detection, width, height, answer.carried);
    drawWords(context, wordsOf(answer));
    drawLegend(context, answer);
}

/** What was found as text, for lists and screen readers. */
export function nameOf(d: Detection): string {
    return `${d.track ? `#${d.track} ` : ''}${d.class} ${d.confidence.toFixed(2)}`;
}

function wordsOf(answer: Answer): string[] {
    const words = answer.classes.slice(0, 3).map(c => `${c.class} ${(c.probability ?? 0).toFixed(2)}`);
    if (answer.text) words.push(`“${answer.text}”`);
    if (answer.action) {
        words.push(
            answer.action.hold ? 'hold: there is no plan' : `step ${answer.action.step} of ${answer.action.plan_path ?? 'a plan'}`,
        );
    }
    return words;
}

function drawDetection(context: CanvasRenderingContext2D, d: Detection, width: number, height: number, isCarried: boolean): void {
    const [left, top, w, h] = d.box;
    const x = left * width,
        y = top * height;
    context.strokeStyle = context.fillStyle = classColour(d.class_index);
    context.lineWidth = 2;
    context.setLineDash(isCarried ? [6, 4] : []);
    if (d.corners?.length === 8) polygon(context, d.corners, width, height);
    else context.strokeRect(x, y, w * width, h * height);
    for (let i = 0; i + 2 < (d.keypoints?.length ?? 0); i += 3) {
        if (d.keypoints![i + 2] > 0.3) context.fillRect(d.keypoints![i] * width - 2, d.keypoints![i + 1] * height - 2, 4, 4);
    }
    context.setLineDash([]);
    label(context, nameOf(d), x - 1, y >= textHeight ? y - textHeight : y);
}

function polygon(context: CanvasRenderingContext2D, corners: number[], width: number, height: number): void {
    context.beginPath();
    for (let i = 0; i < corners.length; i += 2) context.lineTo(corners[i] * width, corners[i + 1] * height);
    context.closePath();
    context.stroke();
}

/** The classes of a map, the largest first, each in its colour. */
function drawLegend(context: CanvasRenderingContext2D, answer: Answer): void {
    largest(answer).forEach((s, i) => {
        context.fillStyle = classColour(s.class_index);
        label(context, shareOf(s), 8, 8 + i * (textHeight + 2));
    });
}

const segmentsShown = 8;

const largest = (answer: Answer) => [...answer.segments].sort((a, b) => (b.share ?? 0) - (a.share ?? 0)).slice(0, segmentsShown);

/** A class of a map as text. */
export const shareOf = (s: Answer['segments'][number]) => `${s.class} ${((s.share ?? 0) * 100).toFixed(0)} %`;

/** Inside the picture, also where its box is at the edge. */
function label(context: CanvasRenderingContext2D, text: string, x: number, y: number): void {
    const width = context.measureText(text).width + 8;
    x = Math.max(0, Math.min(x, context.canvas.width / devicePixelRatio - width));
    context.fillRect(x, y, width, textHeight);
    context.fillStyle = '#000';
    context.fillText(text, x + 4, y + 13);
}

function drawWords(context: CanvasRenderingContext2D, words: string[]): void {
    words.forEach((text, i) => {
        context.fillStyle = '#fffc';
        label(context, text, 8, 8 + i * (textHeight + 2));
    });
}
