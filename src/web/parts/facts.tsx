/** Short facts, each with its name above. */
import type { ComponentChildren } from "preact";

export interface Fact {
  label: string;
  /** `undefined` until it is known: its place is kept. */
  value: ComponentChildren;
  small?: ComponentChildren;
}

export function Facts({ facts, className = "" }: { facts: readonly Fact[]; className?: string }) {
  return (
    <dl class={`facts ${className}`}>
      {facts.map(({ label, value, small }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {value ?? "…"}
            {small !== undefined && <small>{small}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
