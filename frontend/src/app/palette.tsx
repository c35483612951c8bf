// One field that leads everywhere: pages, one's keys, looks. Loaded when it is
// first asked for. A combobox with a list, as the ARIA practices have it.

import { useLingui } from "@lingui/react/macro";
import { Modal, Text, TextInput } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { Icon } from "../components/icons";
import { type Command, matching } from "./commands";
import { useCommands } from "./use-commands";

const SHOWN_MAX = 50;

export function Palette({ close }: { close: () => void }) {
  const { t } = useLingui();
  return (
    <Modal
      opened
      onClose={close}
      title={t`Go to`}
      closeButtonProps={{ "aria-label": t`Close` }}
      yOffset="10vh"
    >
      <Search close={close} />
    </Modal>
  );
}

function Search({ close }: { close: () => void }) {
  const { t } = useLingui();
  const id = useId();
  const [written, setWritten] = useState("");
  const [place, setPlace] = useState(0);
  const found = matching(useCommands(), written).slice(0, SHOWN_MAX);
  const active = found[Math.min(place, found.length - 1)];
  const optionId = (command: Command) => `${id}-${command.id}`;
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.act();
  };
  const press = (event: KeyboardEvent) => {
    const last = found.length - 1;
    const places: Record<string, number> = {
      ArrowDown: place >= last ? 0 : place + 1,
      ArrowUp: place <= 0 ? last : place - 1,
    };
    const next = places[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setPlace(Math.max(next, 0));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(active);
    }
  };
  const activeId = active && optionId(active);
  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: "nearest" });
  }, [activeId]);
  return (
    <>
      <TextInput
        role="combobox"
        aria-label={t`Page or key`}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={activeId}
        aria-autocomplete="list"
        placeholder={t`Page or key`}
        leftSection={<Icon name="search" />}
        value={written}
        onChange={(event) => {
          setWritten(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={press}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <div id={`${id}-list`} role="listbox" aria-label={t`Where to`} className="gl-palette">
        {found.map((command) => (
          // The field keeps the focus and hears the keys; a mouse clicks here.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <div
            key={command.id}
            id={optionId(command)}
            role="option"
            aria-selected={command === active}
            onClick={() => run(command)}
          >
            <Icon name={command.icon} size={16} />
            <span>{command.label}</span>
            {command.note && <span className="gl-quiet">{command.note}</span>}
          </div>
        ))}
      </div>
      <Text size="sm" c="dimmed" role="status">
        {found.length === 0 && t`Nothing matches.`}
      </Text>
    </>
  );
}
