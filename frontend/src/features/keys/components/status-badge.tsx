import { useLingui } from "@lingui/react/macro";
import { Badge } from "@mantine/core";
import type { Token } from "../../../api/contract";
import { Icon, type IconName } from "../../../components/icons";
import { useNow } from "../../../lib/use-now";
import { endsSoon } from "../filter";

interface Look {
  label: string;
  icon: IconName;
  color: string;
}

function useLook(token: Token): Look {
  const { t } = useLingui();
  const now = useNow();
  switch (token.status) {
    case "active":
      if (token.grace_until) {
        return { label: t`Rotated, still works`, icon: "rotate", color: "yellow" };
      }
      return endsSoon(token, now)
        ? { label: t`Ends soon`, icon: "clock", color: "yellow" }
        : { label: t`Active`, icon: "check", color: "green" };
    case "disabled":
      return { label: t`Disabled`, icon: "pause", color: "gray" };
    case "revoking":
      return { label: t`Being revoked`, icon: "clock", color: "red" };
    case "revoked":
      return { label: t`Revoked`, icon: "cross", color: "red" };
    case "expired":
      return { label: t`Expired`, icon: "clock", color: "gray" };
    case "superseded":
      return { label: t`Replaced`, icon: "rotate", color: "gray" };
  }
}

/** What a key is worth now: a picture and a word, never the colour alone. */
export function StatusBadge({ token }: { token: Token }) {
  const { label, icon, color } = useLook(token);
  return (
    <Badge
      className="gl-badge"
      data-color={color}
      variant="light"
      color={color}
      leftSection={<Icon name={icon} size={13} />}
    >
      {label}
    </Badge>
  );
}
