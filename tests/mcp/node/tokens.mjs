// Counts o200k tokens: a JSON list of texts on standard input, a JSON list of numbers on standard output.
import { readFileSync } from 'node:fs'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map((text) => countTokens(text))))
