import { useLingui } from "@lingui/react/macro";
import { Tooltip } from "@mantine/core";
import { day, exact, relative } from "../lib/dates";
import { useNow } from "../lib/use-now";

/** "3 hours ago", and the exact time (with whatever belongs to it) on hover and focus. */
export function RelativeTime({ at, note }: { at: string; note?: string }) {
  const { i18n } = useLingui();
  const time = new Date(at);
  const text = [exact(i18n.locale, time), note].filter(Boolean).join(" · ");
  return <Described text={text} at={at} shown={relative(i18n.locale, time, useNow())} />;
}

/** "24 Nov 2026", and the exact time on hover and focus. */
export function Day({ at }: { at: string }) {
  const { i18n } = useLingui();
  const time = new Date(at);
  return <Described text={exact(i18n.locale, time)} at={at} shown={day(i18n.locale, time)} />;
}

function Described({ text, at, shown }: { text: string; at: string; shown: string }) {
  return (
    <Tooltip label={text} events={{ hover: true, focus: true, touch: true }} multiline maw={320}>
      <time dateTime={at}>{shown}</time>
    </Tooltip>
  );
}
