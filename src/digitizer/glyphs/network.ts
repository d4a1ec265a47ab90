/**
 * The network and its training: one hidden layer, by stochastic gradient descent on the cross entropy.
 */
import { INPUTS } from "../glyphs.ts";
import { CLASSES, type Example } from "./examples.ts";
import type { Random } from "./random.ts";

export const HIDDEN = 96;
const EPOCHS = 16;

export interface Network {
  first: Float64Array;
  firstBias: Float64Array;
  second: Float64Array;
  secondBias: Float64Array;
}

export function trainNetwork(examples: readonly Example[], random: Random): Network {
  const normal = (count: number, scale: number): Float64Array =>
    Float64Array.from({ length: count }, () => (random() + random() + random() - 1.5) * 2 * scale);
  const network = {
    first: normal(INPUTS * HIDDEN, Math.sqrt(1 / INPUTS)),
    firstBias: new Float64Array(HIDDEN),
    second: normal(HIDDEN * CLASSES, Math.sqrt(1 / HIDDEN)),
    secondBias: new Float64Array(CLASSES),
  };
  const order = examples.map((_, index) => index);
  const hidden = new Float64Array(HIDDEN);
  const hiddenSlope = new Float64Array(HIDDEN);
  const scores = new Float64Array(CLASSES);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const rate = 0.008 * Math.pow(0.03, epoch / (EPOCHS - 1));
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    let wrong = 0;
    for (const index of order) {
      const { inputs, label } = examples[index]!;
      hidden.set(network.firstBias);
      for (let i = 0; i < INPUTS; i++) {
        const value = inputs[i]! / 255;
        if (value !== 0)
          for (let unit = 0, at = i * HIDDEN; unit < HIDDEN; unit++, at++) hidden[unit]! += value * network.first[at]!;
      }
      scores.set(network.secondBias);
      for (let unit = 0; unit < HIDDEN; unit++)
        if (hidden[unit]! > 0)
          for (let c = 0; c < CLASSES; c++) scores[c]! += hidden[unit]! * network.second[unit * CLASSES + c]!;
      const largest = Math.max(...scores);
      if (scores[label]! < largest) wrong++;
      let sum = 0;
      for (let c = 0; c < CLASSES; c++) sum += scores[c] = Math.exp(scores[c]! - largest);
      for (let c = 0; c < CLASSES; c++) scores[c] = scores[c]! / sum - (c === label ? 1 : 0);
      for (let unit = 0; unit < HIDDEN; unit++) {
        let slope = 0;
        if (hidden[unit]! > 0)
          for (let c = 0, at = unit * CLASSES; c < CLASSES; c++, at++) {
            slope += scores[c]! * network.second[at]!;
            network.second[at]! -= rate * scores[c]! * hidden[unit]!;
          }
        hiddenSlope[unit] = slope;
        network.firstBias[unit]! -= rate * slope;
      }
      for (let c = 0; c < CLASSES; c++) network.secondBias[c]! -= rate * scores[c]!;
      for (let i = 0; i < INPUTS; i++) {
        const value = (rate * inputs[i]!) / 255;
        if (value !== 0)
          for (let unit = 0, at = i * HIDDEN; unit < HIDDEN; unit++, at++)
            network.first[at]! -= value * hiddenSlope[unit]!;
      }
    }
    console.error(`epoch ${epoch + 1}: ${((100 * wrong) / order.length).toFixed(2)} % wrong of ${order.length}`);
  }
  return network;
}
