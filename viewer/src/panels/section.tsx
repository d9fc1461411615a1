import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface SectionProps {
  title: string;
  open?: boolean;
  /** Its contents are made when it is opened, and end when it is closed. */
  lazy?: boolean;
  children: ComponentChildren;
}

/** A part of the panel that folds. */
export function Section({ title, open = false, lazy = false, children }: SectionProps) {
  const [isOpen, setOpen] = useState(open);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
      </summary>
      <div class="body">{(isOpen || !lazy) && children}</div>
    </details>
  );
}
