// Short news at the edge of the page, spoken as well as shown. One with
// something to undo stays for as long as that can be done.

import { useLingui } from "@lingui/react/macro";
import { Button, CloseButton, Group, Paper, Stack, Text } from "@mantine/core";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { Icon } from "./icons";

export interface Toast {
  text: string;
  kind?: "good" | "bad";
  action?: { label: string; act: () => void };
  seconds?: number;
}

const TOAST_SECONDS = 6;
const TOASTS_MAX = 4;

const Context = createContext<(toast: Toast) => void>(() => {});

export function useToast(): (toast: Toast) => void {
  return useContext(Context);
}

export function Toasts({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<(Toast & { id: number })[]>([]);
  const remove = useCallback(
    (id: number) => setShown((toasts) => toasts.filter((toast) => toast.id !== id)),
    [],
  );
  const show = useMemo(() => {
    let next = 0;
    return (toast: Toast) => {
      const id = next++;
      setShown((toasts) => [...toasts.slice(1 - TOASTS_MAX), { ...toast, id }]);
      setTimeout(() => remove(id), (toast.seconds ?? TOAST_SECONDS) * 1000);
    };
  }, [remove]);
  return (
    <Context value={show}>
      {children}
      <Stack className="gl-toasts" gap="xs" role="status" aria-live="polite">
        {shown.map((toast) => (
          <OneToast key={toast.id} toast={toast} close={() => remove(toast.id)} />
        ))}
      </Stack>
    </Context>
  );
}

function OneToast({ toast, close }: { toast: Toast; close: () => void }) {
  const { t } = useLingui();
  return (
    <Paper className="gl-toast" withBorder shadow="md" p="sm" data-kind={toast.kind ?? "good"}>
      <Group wrap="nowrap" gap="sm">
        <Icon name={toast.kind === "bad" ? "alert" : "check"} />
        <Text size="sm" flex={1}>
          {toast.text}
        </Text>
        {toast.action && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              toast.action?.act();
              close();
            }}
          >
            {toast.action.label}
          </Button>
        )}
        <CloseButton aria-label={t`Close`} onClick={close} />
      </Group>
    </Paper>
  );
}
