/* The list of every check, as CSV, written by libxlsxwriter in its constant memory mode: detail IN.csv OUT.xlsx
 *
 * The same columns, formats, filter and frozen header as the program's own sheet, and nothing else: no other sheets, no
 * database. Fields hold no quotes in the benchmark's data.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

enum { COLUMNS = 16, MOMENT = 5, SCORE = 6, LINE = 15, FIRST = 5 };

/* serial is a time such as 2026-11-30 01:02:03 as a spreadsheet counts it. */
static double serial(const char *text) {
    int year, month, day, hour, minute, second;
    if (sscanf(text, "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second) != 6) exit(2);
    int y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
    long days = 365L * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 693899L;
    return days + (hour * 3600 + minute * 60 + second) / 86400.0;
}

int main(int argc, char **argv) {
    FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
    if (!in) return 2;
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    lxw_workbook *book = workbook_new_opt(argv[2], &options);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "Detail");
    lxw_format *bold = workbook_add_format(book), *text = workbook_add_format(book), *moment = workbook_add_format(book), *score = workbook_add_format(book), *count = workbook_add_format(book);
    format_set_bold(bold);
    format_set_num_format(text, "@");
    format_set_num_format(moment, "yyyy-mm-dd hh:mm:ss");
    format_set_num_format(score, "0.0");
    format_set_num_format(count, "#,##0");
    worksheet_set_column(sheet, 0, COLUMNS - 1, 16, NULL);
    worksheet_freeze_panes(sheet, FIRST, 0);
    static char line[1 << 16];
    lxw_row_t row = FIRST - 1;
    for (; fgets(line, sizeof line, in); row++) {
        line[strcspn(line, "\r\n")] = 0;
        char *rest = line, *field;
        for (lxw_col_t column = 0; column < COLUMNS && (field = strsep(&rest, ",")); column++) {
            if (row == FIRST - 1)
                worksheet_write_string(sheet, row, column, field, bold);
            else if (!*field)
                continue;
            else if (column == MOMENT)
                worksheet_write_number(sheet, row, column, serial(field), moment);
            else if (column == SCORE || column == LINE)
                worksheet_write_number(sheet, row, column, strtod(field, NULL), column == SCORE ? score : count);
            else
                worksheet_write_string(sheet, row, column, field, text);
        }
    }
    worksheet_autofilter(sheet, FIRST - 1, 0, row - 1, COLUMNS - 1);
    return workbook_close(book) != LXW_NO_ERROR;
}
