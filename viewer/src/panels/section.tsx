import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface SectionProps {
  title: string;
  open?: boolean;
  /** Its contents are made when it is opened, and end when it is closed. */
  lazy?: boolean;
  /** It opens and comes into sight when this becomes true. */
  summoned?: boolean;
  children: ComponentChildren;
}

/** A part of the panel that folds. */
export function Section({ title, open = false, lazy = false, summoned = false, children }: SectionProps) {
  const [isOpen, setOpen] = useState(open);
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!summoned) return;
    setOpen(true);
    element.current?.scrollIntoView({ block: "nearest" });
  }, [summoned]);
  return (
    <details ref={element} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
      </summary>
      <div class="body">{(isOpen || !lazy) && children}</div>
    </details>
  );
}
