import { Trans } from "@lingui/react/macro";
import { Box } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Token } from "../../../api/contract";
import { RelativeTime } from "../../../components/time";
import { usageQuery } from "../api";

/** When a key last passed; the exact time and from which network on hover. */
export function LastUsed({ token }: { token: Token }) {
  const [isAsked, setAsked] = useState(false);
  const usage = useQuery({ ...usageQuery(token.id), enabled: isAsked, staleTime: 60_000 });
  if (!token.last_used_at) return <Trans>never</Trans>;
  return (
    <Box component="span" onPointerEnter={() => setAsked(true)}>
      <RelativeTime at={token.last_used_at} note={usage.data?.networks[0]?.network} />
    </Box>
  );
}
