{{ config(volatile=true) }} select 1 as one
