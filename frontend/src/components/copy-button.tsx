import { useLingui } from "@lingui/react/macro";
import { Button, type ButtonProps } from "@mantine/core";
import { useState } from "react";
import { copyText } from "../lib/clipboard";
import { Icon } from "./icons";
import { useToast } from "./toasts";

interface Props extends ButtonProps {
  text: string;
  /** What is copied, for the spoken confirmation. */
  done: string;
  label?: string;
  describe?: string;
}

/** Copies, and says so: on itself, in a toast and to assistive means. */
export function CopyButton({ text, done, label, describe, ...rest }: Props) {
  const { t } = useLingui();
  const toast = useToast();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (await copyText(text)) {
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
      toast({ text: done });
    } else {
      toast({ kind: "bad", text: t`The browser did not let us copy. Mark the text and copy it.` });
    }
  };
  return (
    <Button
      leftSection={<Icon name={copied ? "check" : "copy"} />}
      variant="default"
      {...rest}
      aria-label={describe}
      onClick={copy}
    >
      {label ?? t`Copy`}
    </Button>
  );
}
