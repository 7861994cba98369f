import { ApiError } from '#api/status.ts'

/** Waits for a write whose object may be gone, which is as well; any other failure is thrown. */
export async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!(error instanceof ApiError && error.isNotFound)) throw error
  }
}
