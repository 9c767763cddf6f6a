// Runs the exported stages in ONNX Runtime, compares them with the samples that export.py wrote, and times each stage on one thread.
// usage: node check.mjs WORK_FOLDER MODEL_FOLDER [LARGEST_DIFFERENCE]
// Every STAGE.samples.json in the work folder is compared with STAGE.onnx in the model folder.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import ort from "onnxruntime-node";

const [work, models, limit] = process.argv.slice(2);
if (!models) {
  console.error("usage: node check.mjs WORK_FOLDER MODEL_FOLDER [LARGEST_DIFFERENCE]");
  process.exit(2);
}
// Single precision and another order of sums explain no more than this.
const LIMIT = Number(limit ?? 1e-4);
const RUNS = 200; // enough that the smallest tenth lies between other programs' slices

const tensor = ({ type, dims, values }) => type === "int64"
  ? new ort.Tensor("int64", BigInt64Array.from(values, BigInt), dims)
  : new ort.Tensor("float32", Float32Array.from(values), dims);
const report = {};
for (const stage of readdirSync(work).filter((name) => name.endsWith(".samples.json")).map((name) => basename(name, ".samples.json")).sort()) {
  const session = await ort.InferenceSession.create(join(models, `${stage}.onnx`), { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const samples = JSON.parse(readFileSync(join(work, `${stage}.samples.json`), "utf8"));
  const feeds = samples.inputs.map((given) => Object.fromEntries(Object.entries(given).map(([name, value]) => [name, tensor(value)])));
  let worst = 0;
  for (const [index, feed] of feeds.entries()) {
    const results = await session.run(feed);
    for (const [name, wanted] of Object.entries(samples.outputs[index])) {
      wanted.values.forEach((value, i) => { worst = Math.max(worst, Math.abs(value - results[name].data[i])); });
    }
  }
  const times = [];
  for (let i = 0; i < RUNS; i++) {
    const began = process.hrtime.bigint();
    await session.run(feeds[i % feeds.length]);
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  times.sort((a, b) => a - b);
  report[stage] = { largest_difference: worst, ms_p10: times[RUNS / 10], ms_p50: times[RUNS / 2], ms_p95: times[(RUNS * 19) / 20] };
  console.log(`${stage}: largest difference ${worst.toExponential(2)}, ${times[RUNS / 10].toFixed(2)} ms (p10 of ${RUNS}, one thread)`);
}
writeFileSync(join(work, "check.json"), JSON.stringify(report, null, 2));
const bad = Object.keys(report).filter((stage) => !(report[stage].largest_difference <= LIMIT));
if (bad.length > 0) {
  console.error(`differs from the trained network by more than ${LIMIT}: ${bad.join(", ")}`);
  process.exit(1);
}
