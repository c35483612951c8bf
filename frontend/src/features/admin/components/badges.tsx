import { Badge } from "@mantine/core";
import { Icon, type IconName } from "../../../components/icons";

export interface Mark {
  label: string;
  icon: IconName;
  color: "green" | "yellow" | "red" | "gray";
}

/** A picture and a word, never the colour alone. */
export function MarkBadge({ label, icon, color }: Mark) {
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
