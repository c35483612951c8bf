import { Trans, useLingui } from "@lingui/react/macro";
import { SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { Usage } from "../../../api/contract";

interface Bar {
  label: string;
  allowed: number;
  refused: number;
}

const WIDTH = 720;
const HEIGHT = 160;
const GAP = 0.2;

/** Use by hour or by day as bars, with the same as a table behind it. */
export function UsageChart({ usage }: { usage: Usage }) {
  const { t, i18n } = useLingui();
  const [by, setBy] = useState("days");
  const hour = new Intl.DateTimeFormat(i18n.locale, { weekday: "short", hour: "2-digit" });
  const date = new Intl.DateTimeFormat(i18n.locale, {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
  const bars: Bar[] =
    by === "days"
      ? usage.days.map((day) => ({ ...day, label: date.format(new Date(`${day.date}T00:00:00Z`)) }))
      : usage.hours.map((one) => ({
          label: hour.format(new Date(one.at)),
          allowed: one.allowed,
          refused: Object.values(one.refused).reduce((sum, count) => sum + count, 0),
        }));
  return (
    <Stack>
      <SegmentedControl
        aria-label={t`By hour or by day`}
        value={by}
        onChange={setBy}
        data={[
          { value: "days", label: t`30 days` },
          { value: "hours", label: t`48 hours` },
        ]}
        className="gl-start"
      />
      {bars.some(({ allowed, refused }) => allowed + refused > 0) ? (
        <>
          <Bars bars={bars} />
          <details>
            <summary>
              <Trans>The same as a table</Trans>
            </summary>
            <BarTable bars={bars} />
          </details>
        </>
      ) : (
        <Text c="dimmed">
          <Trans>Not used in this time.</Trans>
        </Text>
      )}
    </Stack>
  );
}

function Bars({ bars }: { bars: Bar[] }) {
  const { t, i18n } = useLingui();
  const most = Math.max(...bars.map((bar) => bar.allowed + bar.refused), 1);
  const step = WIDTH / Math.max(bars.length, 1);
  const number = new Intl.NumberFormat(i18n.locale);
  const allowed = number.format(bars.reduce((sum, bar) => sum + bar.allowed, 0));
  const refused = number.format(bars.reduce((sum, bar) => sum + bar.refused, 0));
  return (
    <figure className="gl-figure">
      <svg
        className="gl-bars"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t`${allowed} let in, ${refused} refused`}
      >
        {bars.map((bar, place) => {
          const up = (bar.allowed / most) * HEIGHT;
          const down = (bar.refused / most) * HEIGHT;
          const x = place * step + (step * GAP) / 2;
          const width = step * (1 - GAP);
          return (
            <g key={bar.label + String(place)}>
              <title>{`${bar.label}: ${number.format(bar.allowed)} / ${number.format(bar.refused)}`}</title>
              <rect className="gl-allowed" x={x} y={HEIGHT - up} width={width} height={up} />
              <rect
                className="gl-refused"
                x={x}
                y={HEIGHT - up - down}
                width={width}
                height={down}
              />
            </g>
          );
        })}
      </svg>
      <Text component="figcaption" size="sm" c="dimmed">
        {bars[0]?.label} – {bars.at(-1)?.label} ·{" "}
        <Trans>
          {allowed} let in, {refused} refused
        </Trans>
      </Text>
    </figure>
  );
}

function BarTable({ bars }: { bars: Bar[] }) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <Trans>When</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Let in</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Refused</Trans>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {bars.map((bar, place) => (
          <Table.Tr key={bar.label + String(place)}>
            <Table.Td>{bar.label}</Table.Td>
            <Table.Td>{bar.allowed}</Table.Td>
            <Table.Td>{bar.refused}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
