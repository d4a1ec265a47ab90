/**
 * A worker thread that is asked one thing after another, and answers in that order.
 * Owns its life: it keeps no process alive that waits for nothing of it, and who waits when it is lost hears of that.
 */
import { basename } from "node:path";
import { Worker, type Transferable } from "node:worker_threads";

export interface AskedThread<Question, Answer> extends AsyncDisposable {
  /** @param transfer buffers of the question that become the thread's own, rather than to be copied */
  ask(question: Question, transfer?: readonly Transferable[]): Promise<Answer>;
}

/**
 * Starts it. Closing it ends the thread; what it hadn't answered yet is rejected.
 * @param file of the worker: it posts one message for each that it gets
 */
export function openAskedThread<Question, Answer>(file: URL, workerData: unknown): AskedThread<Question, Answer> {
  const worker = new Worker(file, { workerData });
  worker.unref();
  const asked: PromiseWithResolvers<Answer>[] = [];
  let lost: Error | undefined;
  worker.on("message", (answer: Answer) => {
    asked.shift()?.resolve(answer);
    if (asked.length === 0) worker.unref();
  });
  const lose = (cause: unknown): void => {
    lost ??= new Error(`Lost the thread ${basename(file.pathname)}`, { cause });
    for (const { reject } of asked.splice(0)) reject(lost);
  };
  worker.on("error", lose);
  worker.on("exit", (code) => lose(`exit code ${code}`));

  return {
    ask(question, transfer = []) {
      if (lost !== undefined) return Promise.reject(lost);
      const answer = Promise.withResolvers<Answer>();
      asked.push(answer);
      worker.ref();
      worker.postMessage(question, transfer);
      return answer.promise;
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
