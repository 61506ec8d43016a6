#!/usr/bin/env node
import { kubectlComplete } from '../dist/bundle/hivetap.js'

process.exitCode = await kubectlComplete(process.argv.slice(2))
