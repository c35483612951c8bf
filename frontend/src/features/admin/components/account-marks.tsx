import { Trans, useLingui } from "@lingui/react/macro";
import { Group, Text } from "@mantine/core";
import type { Account } from "../../../api/contract";
import { RelativeTime } from "../../../components/time";
import { type Mark, MarkBadge } from "./badges";

function useMark(account: Account): Mark {
  const { t } = useLingui();
  switch (account.status) {
    case "disabled":
      return { label: t`Kept out`, icon: "pause", color: "red" };
    case "invited":
      return account.link_expires_at
        ? { label: t`Invited`, icon: "clock", color: "yellow" }
        : { label: t`Invitation over`, icon: "clock", color: "gray" };
    case "locked":
      return { label: t`Locked after failures`, icon: "clock", color: "yellow" };
    default:
      return { label: t`In use`, icon: "check", color: "green" };
  }
}

/** How an account is, and until when a link of it is good. */
export function AccountMarks({ account }: { account: Account }) {
  const { t } = useLingui();
  const mark = useMark(account);
  return (
    <div>
      <Group gap={6}>
        <MarkBadge {...mark} />
        {account.admin && <MarkBadge label={t`Administrator`} icon="shield" color="yellow" />}
      </Group>
      {account.link_expires_at && (
        <Text size="xs" c="dimmed" mt={4}>
          <Trans>
            Its link ends <RelativeTime at={account.link_expires_at} />
          </Trans>
        </Text>
      )}
      {account.must_change_password && (
        <Text size="xs" c="dimmed" mt={4}>
          <Trans>Must choose a new password</Trans>
        </Text>
      )}
    </div>
  );
}
