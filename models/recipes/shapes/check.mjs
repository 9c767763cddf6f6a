// Runs the exported stages in ONNX Runtime, compares them with the samples that export.py wrote, and times each stage on one thread.
// usage: node check.mjs [work folder] [pack folder]
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const ort = createRequire(join(repository, "runtime/natives/package.json"))("onnxruntime-node");
const work = process.argv[2] ?? join(repository, "out/shapes");
const pack = process.argv[3] ?? join(repository, "models/shapes");
const LIMIT = 1e-4; // largest difference that single precision and another order of sums explain
const RUNS = 200; // enough that the smallest tenth lies between other programs' slices

const tensor = ({ dims, values }) => new ort.Tensor("float32", Float32Array.from(values), dims);
const report = {};
for (const stage of ["light", "heavy_1", "heavy_2"]) {
  const session = await ort.InferenceSession.create(join(pack, `${stage}.onnx`), { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
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
