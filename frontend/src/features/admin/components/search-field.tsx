import { TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { Icon } from "../../../components/icons";

const QUIET_MS = 350;

interface Props {
  value: string;
  change: (text: string | undefined) => void;
  placeholder: string;
  label: string;
  /** The one that a shortcut leads to. */
  isMain?: boolean;
}

/** Asks when the writer pauses: each search is work for the service. */
export function SearchField({ value, change, placeholder, label, isMain }: Props) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  // The address changed by other means, such as the browser's way back.
  if (value !== shown) {
    setShown(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => change(text === "" ? undefined : text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text, value, change]);
  return (
    <TextInput
      type="search"
      label={label}
      placeholder={placeholder}
      leftSection={isMain ? <Icon name="search" /> : undefined}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") change(text === "" ? undefined : text);
      }}
      flex="1 1 12rem"
      data-search={isMain || undefined}
    />
  );
}
