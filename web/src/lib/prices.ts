/** What models cost, as the API has it and as a form does. Pure. */

/** US dollars for a million tokens. */
export interface Price {
  input: number
  output: number
  /** null: cached tokens cost what others do */
  cachedInput: number | null
}
export interface PriceTable {
  /** the day of the defaults */
  asOf: string
  defaults: Record<string, Price>
  /** the organization's own, by model or pattern */
  prices: Record<string, Price>
}
/** One line of the form: numbers as typed. */
export interface PriceLine {
  model: string
  input: string | number
  cachedInput: string | number
  output: string | number
}

export function linesOf(prices: Record<string, Price>): PriceLine[] {
  return Object.entries(prices)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([model, price]) => ({
      model,
      input: price.input,
      cachedInput: price.cachedInput ?? '',
      output: price.output,
    }))
}

/** The prices of lines that name a model; a number left out is 0, a cached one is none of its own. */
export function pricesOf(lines: readonly PriceLine[]): Record<string, Price> {
  return Object.fromEntries(
    lines
      .filter((line) => line.model.trim())
      .map(({ model, input, cachedInput, output }) => [
        model.trim(),
        { input: Number(input), output: Number(output), cachedInput: blank(cachedInput) ? null : Number(cachedInput) },
      ]),
  )
}

function blank(text: string | number | null): boolean {
  return text === null || String(text).trim() === ''
}

/** `$1.25`, `$0.40`, `$0.075`. */
export function dollars(value: number): string {
  const decimals = String(Number(value.toPrecision(3))).split('.')[1]?.length ?? 0
  return `$${value.toFixed(value < 1 ? Math.max(2, decimals) : 2)}`
}
