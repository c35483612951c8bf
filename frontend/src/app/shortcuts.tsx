// What can be done with a key alone, and a button for whoever would rather not.

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Kbd, Modal, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { Icon } from "../components/icons";
import { ShortcutSwitch } from "../components/shortcut-switch";
import { shortcutOf, useShortcutsOn } from "../lib/shortcuts";

const Palette = lazy(() => import("./palette").then(({ Palette }) => ({ default: Palette })));

type Opened = "palette" | "help" | null;

export function Shortcuts() {
  const { t } = useLingui();
  const isOn = useShortcutsOn();
  const [opened, setOpened] = useState<Opened>(null);
  const close = () => setOpened(null);
  useKeys(setOpened);
  return (
    <>
      <Button
        className="gl-jump"
        variant="default"
        size="xs"
        leftSection={<Icon name="search" size={15} />}
        rightSection={isOn && <Kbd visibleFrom="sm">{isApple() ? "⌘ K" : "Ctrl K"}</Kbd>}
        onClick={() => setOpened("palette")}
        aria-haspopup="dialog"
      >
        <Trans>Go to</Trans>
      </Button>
      <Modal
        opened={opened === "help"}
        onClose={close}
        title={t`Keyboard shortcuts`}
        closeButtonProps={{ "aria-label": t`Close` }}
      >
        <ShortcutList />
      </Modal>
      <Suspense fallback={null}>{opened === "palette" && <Palette close={close} />}</Suspense>
    </>
  );
}

function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}

function useKeys(open: (what: Opened) => void): void {
  const isOn = useShortcutsOn();
  const navigate = useNavigate();
  useEffect(() => {
    if (!isOn) return;
    const hear = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      // A dialog or a menu has the keys to itself.
      if (shortcut === null || document.querySelector("[role=dialog], [role=menu]")) return;
      event.preventDefault();
      if (shortcut === "palette" || shortcut === "help") open(shortcut);
      else if (shortcut === "create") void navigate({ to: "/keys/new" });
      else if (!focusSearch()) void navigate({ to: "/keys", state: { focus: "search" } });
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, [isOn, navigate, open]);
}

/** Whether this page has something to search. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("[data-search]");
  field?.focus();
  field?.select();
  return field !== null;
}

function ShortcutList() {
  const { t } = useLingui();
  const rows: [ReactNode, string][] = [
    [<Kbd key="k">/</Kbd>, t`Search`],
    [<Kbd key="k">c</Kbd>, t`Create a key`],
    [<Kbd key="k">{isApple() ? "⌘ K" : "Ctrl K"}</Kbd>, t`Go to a page or a key`],
    [<Kbd key="k">?</Kbd>, t`Show these shortcuts`],
    [<Kbd key="k">Esc</Kbd>, t`Close what is open`],
  ];
  return (
    <Stack>
      <dl className="gl-facts gl-keys">
        {rows.map(([key, text]) => (
          <div key={text}>
            <dt>{key}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <ShortcutSwitch />
    </Stack>
  );
}
