/** The real file system, each call of which is announced before it is made: to be counted, refused or not survived. */
import { nodeFileSystem, type FileSystem } from "../../src/archive/file-system.ts";

/** @param onCall gets the function's name, its first argument, and how many calls there were, this one included */
export function watchedFileSystem(onCall: (name: string, path: unknown, count: number) => void): FileSystem {
  let count = 0;
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== "function" || typeof property === "symbol") return member;
        return async (...args: unknown[]) => {
          // A file must be closed all the same, or the process keeps it open.
          if (property === "close") await member.apply(target, args);
          onCall(property, args[0], ++count);
          if (property === "close") return;
          const result: unknown = await member.apply(target, args);
          return property === "open" ? watched(result as object) : result; // an open file's calls count as well
        };
      },
    });
  return watched(nodeFileSystem);
}

/** An error as the system throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up by a test`), { code });
}
