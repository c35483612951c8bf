import type { IconName } from "../components/icons";

/** Something to go to or to do. */
export interface Command {
  id: string;
  label: string;
  /** What tells it from others of the same name. */
  note?: string;
  icon: IconName;
  act: () => void;
}

/** Those in which all words stand, those that begin with what was written first. */
export function matching(commands: Command[], written: string): Command[] {
  const wish = written.trim().toLowerCase();
  const words = wish.split(/\s+/).filter(Boolean);
  const text = ({ label, note }: Command) => `${label}\n${note ?? ""}`.toLowerCase();
  const found = commands.filter((command) => words.every((word) => text(command).includes(word)));
  if (wish === "") return found;
  const begins = (command: Command) => Number(!command.label.toLowerCase().startsWith(wish));
  return found.sort((one, other) => begins(one) - begins(other));
}
