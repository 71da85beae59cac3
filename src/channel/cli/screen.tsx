import { render } from "ink";
import { Chat, type ChatProps } from "./chat.tsx";

export interface ScreenOptions extends Omit<ChatProps, "isReading"> {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

export interface Screen {
  /** Begins or ends taking keys. Without them Ctrl-C is a signal again. */
  setReading(isReading: boolean): void;
  /** Resolves when what has been shown so far has left for the terminal. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

export function openScreen({ stdin, stdout, stderr, ...props }: ScreenOptions): Screen {
  const ink = render(<Chat {...props} isReading={false} />, {
    ...{ stdin, stdout, stderr, exitOnCtrlC: false, interactive: true },
    // Only what has changed goes over the line: less flicker, and less to send over ssh.
    incrementalRendering: true,
  });
  return {
    setReading: (isReading) => ink.rerender(<Chat {...props} isReading={isReading} />),
    flushed: () => ink.waitUntilRenderFlush(),
    async close() {
      ink.unmount();
      await ink.waitUntilExit();
    },
  };
}
