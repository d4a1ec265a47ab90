/** The port is taken, or isn't ours to take. Apart from `listen.ts`, so that naming it loads no server. */
export class CannotListen extends Error {}
