/** Long work of a command that doesn't end when it is told to, as where a disk or a store gives no answer. */
import { stopSignal } from "../../src/commands/until-stopped.ts";

stopSignal();
setInterval(() => {}, 60_000);
console.log("at work");
